import fc from 'fast-check'

export type Schema = Record<string, unknown>
/** A source schema with a value that it accepts. */
export interface Pair {
  schema: Schema
  value: unknown
}

const awkwardNames = [
  'a',
  'id',
  'createdAt',
  'x-y',
  'ünï',
  'a b',
  'a.b',
  '$ref',
  '',
  'x'.repeat(65),
  'length',
]
const prototypeNames = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']
export const propertyName = fc.stringMatching(/^[a-z][a-zA-Z0-9_-]{0,20}$/).filter((name) => !(name in {}))
const anyName = fc.oneof(fc.constantFrom(...awkwardNames, ...prototypeNames), propertyName)
const type = fc.constantFrom(
  'string',
  'number',
  'integer',
  'boolean',
  'object',
  'array',
  'null',
  'file',
  'any',
)

/** A schema of Membrane's dialect or of any other, sensible or not. */
export const { schema: messySchema } = fc.letrec<{ schema: Schema; leaf: Schema; list: unknown }>((tie) => {
  const leaf = {
    type: fc.oneof(type, fc.array(type, { maxLength: 3 }), fc.constantFrom(null, 5, {})),
    description: fc.oneof(
      fc.string(),
      fc.constantFrom('word '.repeat(90), '\u001b[31mred\u200b', '😀é'.repeat(140)),
    ),
    format: fc.constantFrom('date', 'date-time', 'uri', 'email', 'uuid', 'constructor'),
    enum: fc.oneof(
      fc.array(fc.string(), { maxLength: 4 }),
      fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxLength: 4 }),
      fc.constantFrom(100, 101).map((length) => Array.from({ length }, (_, index) => `v${index}`)),
    ),
    const: fc.jsonValue({ maxDepth: 1 }),
    default: fc.jsonValue({ maxDepth: 1 }),
    minimum: fc.oneof(fc.integer(), fc.constantFrom('1', null)),
    maximum: fc.double({ noNaN: true }),
    ...Object.fromEntries(
      ['nullable', 'allowCustom', 'readOnly', 'isImplied', 'uniqueItems'].map((name) => [name, fc.boolean()]),
    ),
    $ref: fc.constantFrom('app-data-schema-key', '#/definitions/x'),
    $schema: fc.constant('https://json-schema.org/draft/2020-12/schema'),
    referenceCollection: fc.constant({ key: 'conversations', parameters: {} }),
    pattern: fc.constant('^('),
  }
  const list = fc.array(tie('schema'), { maxLength: 3 })
  const nested = {
    properties: fc.oneof(fc.dictionary(anyName, tie('schema'), { maxKeys: 4 }), fc.constantFrom(null, [])),
    required: fc.oneof(fc.array(anyName, { maxLength: 4 }), fc.boolean()),
    items: fc.oneof(tie('schema'), list, fc.boolean()),
    prefixItems: list,
    additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
    patternProperties: fc.dictionary(anyName, tie('schema'), { maxKeys: 2 }),
    anyOf: list,
    oneOf: list,
    allOf: list,
    not: tie('schema'),
  }
  return {
    leaf: fc.record(leaf, { requiredKeys: [] }),
    list,
    schema: fc.oneof(
      { maxDepth: 4, depthSize: 'xsmall' },
      tie('leaf'),
      fc.record({ ...leaf, ...nested }, { requiredKeys: [] }),
      fc.record(nested, { requiredKeys: ['properties'] }),
    ),
  }
})

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const nullable = ({ schema, value }: Pair) =>
  fc
    .tuple(
      fc.constantFrom<(inner: Schema) => Schema>(
        (inner) => ({ ...inner, nullable: true }),
        (inner) => ({ anyOf: [inner, { type: 'null' }] }),
        (inner) => ({ oneOf: [{ const: null }, inner] }),
        (inner) => ({ anyOf: [inner, { enum: [null] }] }),
        (inner) => ({ anyOf: [inner, { type: ['null'] }] }),
      ),
      fc.constantFrom(null, value),
    )
    .map(([wrap, either]): Pair => ({ schema: wrap(schema), value: either }))

const leafPair: fc.Arbitrary<Pair> = fc.oneof(
  fc.record({
    schema: fc.constantFrom<Schema>({ type: 'string' }, { type: 'string', format: 'email' }),
    value: fc.string(),
  }),
  fc.record({
    schema: fc.constantFrom<Schema>({}, { $ref: 'some-app-schema' }, { description: 'x' }),
    value: fc.jsonValue(),
  }),
  fc.integer().map((value) => ({ schema: { type: 'integer', minimum: value - 1, maximum: value }, value })),
  fc.record({ schema: fc.constant({ type: 'number' }), value: finite }),
  fc.record({ schema: fc.constant({ type: 'boolean' }), value: fc.boolean() }),
  fc.string().map((value) => ({ schema: { type: 'string', enum: ['x', 'y'], allowCustom: true }, value })),
  fc
    .tuple(fc.uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { minLength: 1 }), fc.nat())
    .map(([values, at]) => ({ schema: { enum: values }, value: values[at % values.length] })),
  fc.jsonValue({ maxDepth: 1 }).map((value) => ({ schema: { const: value }, value })),
  fc.record({
    schema: fc.constant({ type: ['string', 'number', 'null'] }),
    value: fc.oneof(fc.string(), finite, fc.constant(null)),
  }),
  fc.record({ schema: fc.constant({ type: ['string', 'null'] }), value: fc.option(fc.string()) }),
  fc.record({
    schema: fc.constant({ type: ['object', 'string'] }),
    value: fc.oneof(fc.string(), fc.constant({ a: 1 })),
  }),
)

const alternatives = (pair: fc.Arbitrary<Pair>, keyword: string) =>
  fc.tuple(fc.array(pair, { minLength: 1, maxLength: 3 }), fc.nat()).map(
    ([pairs, at]): Pair => ({
      schema: { [keyword]: pairs.map(({ schema }) => schema) },
      value: pairs[at % pairs.length]?.value,
    }),
  )

const objectOf = (pair: fc.Arbitrary<Pair>, name: fc.Arbitrary<string>): fc.Arbitrary<Pair> =>
  fc
    .uniqueArray(fc.tuple(name, pair, fc.constantFrom('required', 'given', 'absent')), {
      selector: ([key]) => key,
      maxLength: 4,
    })
    .map((members) => ({
      schema: {
        type: 'object',
        properties: Object.fromEntries(members.map(([key, { schema }]) => [key, schema])),
        required: members.filter(([, , kind]) => kind === 'required').map(([key]) => key),
      },
      value: Object.fromEntries(
        members.filter(([, , kind]) => kind !== 'absent').map(([key, { value }]) => [key, value]),
      ),
    }))

const pairs = fc.letrec<{ any: Pair; object: Pair }>((tie) => ({
  object: objectOf(tie('any'), fc.oneof(fc.constantFrom(...awkwardNames), propertyName)),
  any: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leafPair,
    leafPair.chain(nullable),
    tie('object'),
    alternatives(tie('any'), 'anyOf'),
    alternatives(tie('any'), 'oneOf'),
    alternatives(tie('object'), 'anyOf'),
    tie('any').map(({ schema, value }) => ({ schema: { allOf: [schema] }, value })),
    tie('any').map(({ schema, value }) => ({
      schema: { type: 'array', items: schema },
      value: [value, value],
    })),
    fc
      .tuple(fc.array(tie('any'), { maxLength: 3 }), fc.constantFrom('items', 'prefixItems'))
      .map(([list, keyword]) => ({
        schema: { type: 'array', [keyword]: list.map(({ schema }) => schema) },
        value: list.map(({ value }) => value),
      })),
  ),
}))

/** A schema of an object at the root, with arguments that it accepts. */
export const objectPair = pairs.object
export const rootPair = fc.oneof(
  pairs.object,
  alternatives(pairs.object, 'anyOf'),
  alternatives(pairs.object, 'oneOf'),
  pairs.object.map(({ schema: { type: _, ...schema }, value }) => ({ schema, value })),
  pairs.object.map(({ schema, value }) => ({ schema: { allOf: [schema, { description: 'x' }] }, value })),
)
