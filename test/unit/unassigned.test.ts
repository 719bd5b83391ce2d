import { expect, it } from 'vitest'
import { searchBody } from '../../src/kustomer/search-query.ts'

it.each(['none', 'Unassigned', ' nobody '])(
  'a search for the assignee "%s" is told of `unassigned`',
  (assignee) => {
    expect(() => searchBody({ type: 'conversation', filters: { assignee } })).toThrow(
      /give `unassigned` true/,
    )
  },
)
