import * as z from 'zod'

/** Where to listen. */
export interface Address {
  host: string
  /** 0 for any free port. */
  port: number
}

const defaultAddress: Address = { host: '127.0.0.1', port: 8787 }
const form = /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i

/** A host and a port, or `true` for the default: a flag without a value is `true`. */
export const addressSchema = (): z.ZodType<Address | undefined> =>
  z
    .union([z.boolean(), z.string().trim()])
    .transform((given, context): Address | undefined => {
      if (given === true || given === 'true') return defaultAddress
      if (given === false || given === 'false') return undefined
      const [, ipv6, name, port] = form.exec(given) ?? []
      const host = ipv6 ?? name
      if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) }
      context.addIssue('not an address')
      return z.NEVER
    })
    .optional()

/** The address as it stands in a URL. */
export const hostAndPort = ({ host, port }: Address): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`
