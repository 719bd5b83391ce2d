import * as z from 'zod'
import { allOrAbort } from '../async/deadline.ts'
import { foldName } from '../directory/match-name.ts'
import { isObject } from '../json.ts'
import { type ApiRecord, readRecords, withoutEmpty } from '../kustomer/json-api.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { httpsLink } from '../text/https-link.ts'
import { plainText } from '../text/plain-text.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import { noticeOf, optional, readAll } from './read-all.ts'
import { shortened } from './thread-entries.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

/** Answers of each kind. */
const most = 5
const maxText = 1500

/** Finds shortcuts and knowledge-base articles by words. Where one of the two cannot be read, the other is answered. */
export function findAnswers(context: ToolContext): Tool {
  return defineTool({
    name: 'find-answers',
    group: 'workflow',
    title: 'Find Answers',
    description: 'Canned answers (shortcuts, macros) and help articles by words, for a reply.',
    input: () => z.strictObject({ text: z.string().trim().min(1) }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    async run({ text }, signal): Promise<ToolOutput> {
      const [shortcuts, articles] = await allOrAbort(signal, (own) => [
        optional('Shortcuts', own, () => readAll(context, { path: '/v1/shortcuts' }, own)),
        optional('Articles', own, async () => {
          const query: [string, string][] = [['term', text]]
          const request = classifyRequest({ method: 'GET', path: '/v1/kb/articles/search', query })
          return readRecords((await sendRequest(context, request, own)).body)
        }),
      ])
      if ('error' in shortcuts && 'error' in articles) throw shortcuts.error
      const found = [
        ...('value' in shortcuts ? ranked(shortcuts.value.records.map(shortcutOf), text) : []),
        ...('value' in articles ? articles.value.slice(0, most).map(articleOf) : []),
      ]
      const notices = [...noticeOf(shortcuts), ...noticeOf(articles)]
      if (found.length === 0) notices.push('Nothing was found. Try other or fewer words.')
      return { data: found, notices }
    },
  })
}

function shortcutOf({ id, attributes: { name, draft } }: ApiRecord) {
  const text = isObject(draft) ? draft['text'] : undefined
  return { type: 'shortcut', id, name, text: readable(text) }
}

function articleOf({ id, attributes: { title, metaDescription, htmlBody, url } }: ApiRecord) {
  const text = readable(htmlBody) || metaDescription
  return withoutEmpty({ type: 'kb_article', id, name: title, text, url: httpsLink(url) })
}

const readable = (text: unknown) =>
  typeof text === 'string' ? shortened(plainText(text), maxText) : undefined

/** Those that hold a word of the text, the best first: a word in the name counts twice. */
function ranked(shortcuts: ReturnType<typeof shortcutOf>[], text: string) {
  const wanted = [...new Set(wordsIn(text))]
  return shortcuts
    .map((shortcut) => {
      const [name, all] = [wordsIn(shortcut.name), wordsIn(`${shortcut.name} ${shortcut.text}`)]
      const hits = wanted.map((word) => Number(name.includes(word)) + Number(all.includes(word)))
      return { shortcut, score: hits.reduce((sum, hit) => sum + hit, 0) }
    })
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score)
    .slice(0, most)
    .map(({ shortcut }) => shortcut)
}

const wordsIn = (text: unknown): string[] => foldName(String(text)).match(/[\p{L}\p{N}]+/gu) ?? []
