import { Failure } from '../failure.ts'

type Value = string | number | boolean
type Values = Readonly<Record<string, Value | readonly Value[]>>
type Pairs = [string, string][]

// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is its purpose
const control = /[\u0000-\u001F\u007F]/
const maxPathLength = 2000

/**
 * Headers that decide who is asked, as whom, or how the connection works, and those that change what the method
 * says: they belong to Membrane and to the policy, not to an agent.
 */
const refusedHeaders =
  /^(?:authorization|cookie2?|set-cookie|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|content-length|expect|forwarded|via|proxy-.*|x-forwarded-.*|x-real-ip|x-http-method.*|x-method-override|.*api[-_]?key|.*token|.*secret)$/i

/**
 * Takes a path as an agent gave it and returns the path and the query pairs it held. It must lead to the connected
 * app and nowhere else: no other host, no way up, no control characters, in any encoding.
 * Throws Failure `invalid-input`.
 */
export function checkPath(given: string): { path: string; query: Pairs } {
  const [path = '', search, ...rest] = given.split('?')
  const refuse = (why: string): never => {
    throw new Failure(
      'invalid-input',
      `\`path\`: ${why}. Give a path of the Kustomer API, such as /v1/customers.`,
    )
  }
  if (given.length > maxPathLength) refuse(`longer than ${maxPathLength} characters`)
  if (/^[a-z][a-z0-9+.-]*:/i.test(path)) refuse('a full URL is not taken; the host is that of the connection')
  if (!path.startsWith('/')) refuse('must start with /')
  for (const form of decodedForms(path)) {
    if (form === undefined) refuse('has a broken percent-encoding')
    else if (control.test(form)) refuse('has control characters')
    else if (/^\/[/\\]|\\/.test(form)) refuse('must start with a single / and hold no backslash')
    else if (form.split('/').some((segment) => /^\.{1,2}(;|$)/.test(segment)))
      refuse('has . or .. as a segment')
  }
  if (/[\s#]/.test(path) || rest.length > 0) refuse('has characters that must be percent-encoded')
  return { path, query: search === undefined ? [] : [...new URLSearchParams(search)] }
}

/** The text as given, decoded once, and so on until nothing is left to decode; undefined for a broken encoding. */
function decodedForms(text: string): (string | undefined)[] {
  const forms: (string | undefined)[] = [text]
  for (let form = text; /%/.test(form); ) {
    try {
      const decoded = decodeURIComponent(form)
      if (decoded === form) break
      forms.push(decoded)
      form = decoded
    } catch {
      // A value that holds a plain % decodes to one; only what the agent itself wrote has to be well-formed.
      if (form === text) forms.push(undefined)
      break
    }
  }
  return forms
}

/** Takes query parameters, several values for one name as a list, and returns pairs. Throws `invalid-input`. */
export function checkQuery(values: Values): Pairs {
  return pairs(values, (name, value) => {
    if (name === '' || name.includes('=') || control.test(name)) refuseName('query', name)
    if (control.test(value)) refuseValue('query', name)
  })
}

/** Takes headers, several values for one name as a list, and returns pairs. Throws `invalid-input`. */
export function checkHeaders(values: Values): Pairs {
  return pairs(values, (name, value) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(name)) refuseName('headers', name)
    if (refusedHeaders.test(name)) {
      throw new Failure(
        'invalid-input',
        `\`headers\`: ${name} is set by Membrane or not at all. Leave it out.`,
      )
    }
    if (control.test(value)) refuseValue('headers', name)
  })
}

/**
 * Takes path parameters and the path they fill, and returns them as text. A value stays inside its segment:
 * whether the CLI encodes it is not documented, so what would need encoding is refused.
 */
export function checkPathParams(
  values: Readonly<Record<string, Value>>,
  path: string,
): Record<string, string> {
  const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  const missing = wanted.find((name) => !Object.hasOwn(values, name))
  if (missing !== undefined)
    throw new Failure('invalid-input', `\`pathParams\`: ${missing} stands in the path but has no value.`)
  const entries = Object.entries(values).map(([name, value]) => {
    if (!wanted.includes(name)) refuseName('pathParams', name)
    const text = String(value)
    if (!/^[\w.~@+,:!$*()-]{1,256}$/.test(text) || /^\.{1,2}$/.test(text)) refuseValue('pathParams', name)
    return [name, text]
  })
  return Object.fromEntries(entries)
}

function pairs(values: Values, check: (name: string, value: string) => void): Pairs {
  const all = Object.entries(values).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  )
  for (const [name, value] of all) check(name, value)
  return all
}

function refuseName(argument: string, name: string): never {
  throw new Failure(
    'invalid-input',
    `\`${argument}\`: ${JSON.stringify(name.slice(0, 64))} is not a name that fits here.`,
  )
}

function refuseValue(argument: string, name: string): never {
  throw new Failure(
    'invalid-input',
    `\`${argument}\`: the value of ${name} has characters that cannot stand there.`,
  )
}
