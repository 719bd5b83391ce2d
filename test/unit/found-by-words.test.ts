import { expect, test } from 'vitest'
import { snapshotActions } from '../../src/catalog/snapshot.macro.ts'
import { listings } from '../../src/tools/listings.macro.ts'

/** Name and description, as a client that defers tools searches them. */
const documents = [
  ...snapshotActions.map(({ key, description, searchHint }) => ({
    name: key,
    text: description,
    searchHint,
  })),
  ...listings.full.map(({ name, description }) => ({ name, text: description })),
].map(({ name, text }) => ({ name, words: wordsOf(`${name} ${text}`) }))

function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? []
  return words.map((word) => word.replace(/(?<=[a-z]{3})(?:ies|es|s)$/, (end) => (end === 'ies' ? 'y' : '')))
}

/** Okapi BM25 with its usual constants. */
function rank(query: string): string[] {
  const mean = documents.reduce((sum, { words }) => sum + words.length, 0) / documents.length
  const scores = documents.map(({ name, words }) => {
    const score = [...new Set(wordsOf(query))].reduce((sum, word) => {
      const count = words.filter((other) => other === word).length
      const holding = documents.filter((document) => document.words.includes(word)).length
      const rarity = Math.log(1 + (documents.length - holding + 0.5) / (holding + 0.5))
      return sum + (rarity * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * words.length) / mean))
    }, 0)
    return { name, score }
  })
  return scores
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .map(({ name }) => name)
}

const phrases: [phrase: string, tool: string][] = [
  ['reply to customer', 'create-draft'],
  ['answer a customer', 'create-draft'],
  ['respond to the ticket', 'create-draft'],
  ['write an email to the customer', 'create-draft'],
  ['draft a reply', 'create-draft'],
  ['who is waiting longest', 'search'],
  ['find open conversations', 'search'],
  ['open tickets', 'search'],
  ['unassigned tickets', 'search'],
  ['search customers by phone', 'search'],
  ['show my inbox', 'search'],
  ['what is in the queue', 'search'],
  ['tickets about a refund by text', 'search'],
  ['close the ticket', 'update-conversation'],
  ['resolve a conversation', 'update-conversation'],
  ['assign conversation', 'update-conversation'],
  ['assign ticket to a user', 'update-conversation'],
  ['reopen the ticket', 'update-conversation'],
  ['snooze until tomorrow', 'update-conversation'],
  ['tag the conversation', 'update-conversation'],
  ['change the priority', 'update-conversation'],
  ['escalate', 'update-conversation'],
  ['read the conversation', 'get-conversation-thread'],
  ['summarise this ticket', 'get-conversation-thread'],
  ['messages of a conversation', 'get-conversation-thread'],
  ['leave an internal comment', 'create-note'],
  ['add a note', 'create-note'],
  ['mention a colleague in a note', 'create-note'],
  ['find a customer by email address', 'get-customer-by-email'],
  ['customer contact details', 'get-customer-by-id'],
  ['change the email of a customer', 'update-customer'],
  ['update phone number', 'update-customer'],
  ['new customer', 'create-customer'],
  ['tickets of one customer', 'list-customer-conversations'],
  ['open a new ticket', 'create-conversation'],
  ['who are my teammates', 'list-users'],
  ['list agents', 'list-users'],
  ['is kustomer connected', 'connection-status'],
  ['sign in', 'connect-kustomer'],
  ['delete a note', 'search-actions'],
]

test('everyday phrases find their tool', () => {
  const found = phrases.map(([phrase, tool]) => ({ phrase, tool, place: rank(phrase).indexOf(tool) }))
  const missed = found.filter(({ place }) => place < 0 || place > 2)
  expect(phrases).toHaveLength(40)
  expect(missed.length, JSON.stringify(missed)).toBeLessThanOrEqual(4)
})

test.each(phrases.filter(([, tool]) => tool === 'create-draft'))(
  '%s does not find create-message first',
  (phrase) => {
    expect(rank(phrase)[0]).not.toBe('create-message')
  },
)
