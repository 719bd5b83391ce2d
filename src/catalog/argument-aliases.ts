import type { Aliases } from '../text/suggest.ts'

/** What models and people write for the arguments of the tools. */
export const argumentAliases: Aliases = {
  assignee: ['assignedUsers', 'assignee'],
  assigneduser: ['assignedUsers'],
  body: ['body', 'preview'],
  content: ['body', 'preview'],
  email: ['emails'],
  from: ['createdAfter'],
  keyword: ['text', 'intent'],
  limit: ['pageSize', 'limit'],
  maxresults: ['pageSize', 'limit'],
  message: ['body', 'preview'],
  params: ['query', 'pathParams'],
  perpage: ['pageSize'],
  phone: ['phones'],
  query: ['text', 'intent'],
  q: ['text', 'intent'],
  since: ['createdAfter'],
  subject: ['name'],
  team: ['assignedTeams'],
  text: ['body', 'preview'],
  title: ['name'],
  tool: ['action'],
  until: ['createdBefore'],
  url: ['path'],
}
