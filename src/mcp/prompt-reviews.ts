import type { PromptEntry } from './prompt-entry.ts'

export const triage: PromptEntry = {
  name: 'triage-open-conversations',
  title: 'Triage open conversations',
  description:
    'Put the conversations that wait for an answer in order, with the reason and the next step of each.',
  arguments: [
    {
      name: 'status',
      description: 'open (the default), snoozed or done.',
      values: ['open', 'snoozed', 'done'],
    },
    {
      name: 'team',
      description: 'Only those of this team: its name or id.',
    },
    {
      name: 'assignee',
      description: 'Only those of this user: name, email or id; or unassigned.',
    },
    {
      name: 'limit',
      description: 'How many to look at, at most. 25 is the default.',
      values: ['10', '25', '50', '100'],
    },
  ],
  needs: [['search', 'list-conversations']],
  plan: ({ has, writes }) => ({
    goal: 'Triage conversations in Kustomer: say which need an answer first, why, and what the next step of each is. Read only; change nothing unless the person asks for it afterwards.',
    steps: [
      has('search')
        ? 'Call search with type conversation and the filters given: status (open where none is given), team, assignee or unassigned. Names are taken as they are; where several match, ask which one is meant. Sort by lastMessageAt, so that those who wait longest come first. Go on page by page until you have as many as the limit says (25 where none is given).'
        : 'Call list-conversations, newest first. It cannot filter: keep those of the status given (open where none is). Stop after five pages, and say that you did not read what is older.',
      has('search') &&
        'Call search once more with slaBreached true, so that no breach is missed beyond the limit.',
      has('get-conversation-thread')
        ? 'Of those that look urgent, ten at most, call get-conversation-thread and read how they ended.'
        : has('get-conversation-by-id') &&
          'Of those that look urgent, ten at most, call get-conversation-by-id.',
      'Put them in order: a breached or soon due SLA; then customers who wrote last and wait, the longest first; then priority (5 is the highest, 1 the lowest); then age.',
      'Put together what has one cause, such as an outage or one order: one answer may serve all.',
    ],
    rules: [
      'lastMessageDirection in means that the customer waits for us; out means that we wait for them.',
      'Anger, threats to leave, legal or safety words, and money at stake raise the rank: quote the words that made you think so.',
      'Snoozed ones come back by themselves; name those that should not wait.',
      writes('update-conversation') &&
        'Assign, tag or set a status only after the person said yes to that very change. update-conversation takes names of users, teams, tags and queues; tags by addTags and removeTags. Assignees are replaced whole: send all of them, with rev.',
    ],
    outputFormat:
      'A table: rank, conversation (id and subject), customer, waits since, why this rank, next step, who should take it. Under it, what belongs together, and what you did not read. Then ask which of the steps to take.',
  }),
}

export const summarizeCustomer: PromptEntry = {
  name: 'summarize-customer',
  title: 'Summarize a customer',
  description: 'Who a customer is, what is open, what happened so far and what to watch, from their records.',
  arguments: [{ name: 'customer', description: 'Name, email or id.', required: true }],
  needs: [
    ['get-customer-by-id', 'get-customer-by-email'],
    ['list-customer-conversations', 'search', 'list-conversations'],
  ],
  plan: ({ has }) => ({
    goal: 'Summarize one customer for a colleague who takes over in two minutes. Read only.',
    steps: [
      `Find the customer: ${findBy(has)}. If several fit, list them with id and email and ask which one is meant.`,
      has('list-customer-conversations')
        ? 'Call list-customer-conversations with the id, email or phone of the customer.'
        : has('search')
          ? 'Call search with type conversation and that customer, the latest first.'
          : 'Call list-conversations and keep those of this customer; say that only the pages read were looked at.',
      has('get-conversation-thread')
        ? 'Call get-conversation-thread for every open or snoozed one and for the three latest others.'
        : has('get-conversation-by-id') && 'Call get-conversation-by-id for every open or snoozed one.',
      has('list-drafts') && 'Call list-drafts: an answer may be written and not sent yet.',
      has('get-company-by-id') && 'If the customer belongs to a company, call get-company-by-id.',
    ],
    rules: [
      'What we promised, and by when, matters most: look for it in our own messages and notes.',
      'Notes are internal. They may go into this summary, and never into anything a customer reads.',
      'Give contact data only as far as it is needed to reach the customer.',
    ],
    outputFormat:
      'At most 250 words under these heads: Who (name, id, company, since when, language), Open now (each with conversation id, what is asked, who has it, since when), So far (three to five points with dates), Promised, Watch out (mood, breached SLAs, bounced messages, masked or missing data). Each point with its conversation id.',
  }),
}

export const findDuplicates: PromptEntry = {
  name: 'find-duplicates',
  title: 'Find duplicate customers',
  description:
    'Look for records of the same person, weigh what speaks for and against it, and leave the merging to a person.',
  arguments: [
    {
      name: 'customer',
      description: 'Name, email, phone or id to start from; the latest customers where it is left out.',
    },
  ],
  needs: [
    ['search', 'list-customers'],
    ['search', 'get-customer-by-email'],
  ],
  plan: ({ has, writes }, { customer }) => ({
    goal: 'Find customer records in Kustomer that stand for the same person. Report them; change nothing.',
    steps: [
      customer === undefined
        ? has('list-customers') &&
          'Call list-customers with sort -createdAt: the latest page is what to check.'
        : `Find the customer to start from: ${findBy(has)}.`,
      has('search')
        ? 'For each, call search with type customer by email, by phone and by name; an external id as text.'
        : 'For each email address, call get-customer-by-email; compare the names on the pages you read.',
      has('get-customer-by-id') &&
        'Call get-customer-by-id for each candidate, and compare the whole records.',
      has('list-customer-conversations') &&
        'Where it is still unclear, call list-customer-conversations for both: the same order or subject speaks for one person.',
      'Weigh: the same verified email, phone or external id is strong; the same name with the same company or address is medium; a name alone is nothing.',
    ],
    rules: [
      'sharedEmails, sharedPhones and sharedExternalIds are shared on purpose, by a family or an office: no sign of a duplicate.',
      'Compare emails without case, phone numbers by their digits, names also in other scripts and word orders.',
      'Two masked values cannot be compared: they are no match.',
      writes('merge-customers')
        ? 'A merge cannot be undone. Only after the person said yes to one named pair: merge-customers with source and target. It gives a plan first, for their second yes. Company, name, external id and locale stay those of the target. One pair at a time.'
        : 'Merging is not possible here; a person does it in Kustomer.',
    ],
    outputFormat:
      'A table of pairs: both ids with names, what is the same, what differs, how sure (strong, medium, weak), which to keep and why (the older one with more conversations, as a rule). Then what was not checked. If there is none, say what was compared.',
  }),
}

function findBy(has: (tool: string) => boolean): string {
  const ways = [
    has('get-customer-by-id') && 'an id with get-customer-by-id',
    has('get-customer-by-email') && 'an email with get-customer-by-email',
    has('search')
      ? 'a name or phone with search, type customer'
      : 'ask for the email where only a name is known',
  ]
  return ways.filter((way) => way !== false).join('; ')
}
