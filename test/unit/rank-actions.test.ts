import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toLiveAction } from '../../src/catalog/live-action.ts'
import { isRanked, rankActions, unmatchedWords } from '../../src/catalog/rank-actions.ts'
import { snapshotActions } from '../../src/catalog/snapshot.macro.ts'

const actions = snapshotActions.map(({ key, title, description }, index) =>
  toLiveAction({ id: `a${index}`, key, name: title, description }),
)
const keysFor = (intent: string) => rankActions(actions, intent).map(({ key }) => key)

describe('ranking', () => {
  it.each(actions.map(({ key = '', name }) => [name, key]))('%j finds %s first', (name, key) => {
    expect(keysFor(name)[0]).toBe(key)
    expect(keysFor(key)[0]).toBe(key)
  })

  it('drops what shares nothing but a verb', () => {
    expect(keysFor('create invoice')).toEqual([])
    expect(keysFor('create note')).not.toContain('create-company')
  })

  it.each([
    ['note', 'notes'],
    ['message', 'messages'],
    ['company', 'companies'],
    ['customer', 'CUSTOMERS'],
    ['organisation', 'organisations'],
    ['ticket', 'tickets'],
  ])('%s and %s are one word', (one, many) => {
    expect(keysFor(many).length).toBeGreaterThan(0)
    expect(keysFor(many)).toEqual(keysFor(one))
  })

  it('by a verb alone gives all of it', () => {
    expect(keysFor('create').sort()).toEqual(
      actions.flatMap(({ key = '' }) => (key.startsWith('create-') ? [key] : [])).sort(),
    )
  })

  it('gives each action once, for any intent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (intent) => {
        const ranked = rankActions(actions, intent)
        expect(new Set(ranked).size).toBe(ranked.length)
        for (const action of ranked) expect(actions).toContain(action)
      }),
    )
  })
})

describe('a word that no action mentions', () => {
  it.each<[string, string[]]>([
    ['merge customers', ['merge']],
    ['combine two contacts', ['combine']],
    ['Create a note', []],
    ['the tickets of a client', []],
    ['', []],
  ])('in %j', (intent, words) => {
    expect(unmatchedWords(actions, intent)).toEqual(words)
  })
})

describe('a list', () => {
  const [first, second, third] = actions
  it.each<[string, (typeof first)[], boolean]>([
    ['of all is plain', actions, false],
    ['of the first is plain', [first, second], false],
    ['of none is plain', [], false],
    ['in another order is ranked', [second, first], true],
    ['that leaves some out is ranked', [first, third], true],
    ['of one from the middle is ranked', [third], true],
  ])('%s', (_, results, expected) => {
    expect(isRanked(results as typeof actions, actions)).toBe(expected)
  })
})
