import { UsageError } from '../errors.ts'
import { type Config, flagOf, type OptionName, optionNames, optionOf } from './options.ts'

/** What signing in by OAuth cannot do without. */
export interface OauthSettings {
  issuer: string
  publicUrl: string
}

const oauthNames = optionNames.filter((name) => name.startsWith('oauth'))

const givenIn = (config: Config): OptionName | undefined =>
  oauthNames.find((name) => {
    const value = config[name]
    return Array.isArray(value) ? value.length > 0 : value !== optionOf(name).default
  })

/** What the options say of OAuth; undefined for nothing. Throws UsageError for a combination that has no effect. */
export function oauthSettings(config: Config): OauthSettings | undefined {
  const given = givenIn(config)
  const { oauthIssuer: issuer, publicUrl } = config
  if (given === undefined) return undefined
  if (issuer === undefined)
    throw new UsageError(`${flagOf(given)} has no effect without ${flagOf('oauthIssuer')}.`)
  if (publicUrl === undefined)
    throw new UsageError(
      `${flagOf('oauthIssuer')} needs ${flagOf('publicUrl')}: tokens are made for it, and clients look there for the issuer.`,
    )
  return { issuer, publicUrl }
}

/** Throws UsageError for options of OAuth on stdin and stdout, where nobody shows a token. */
export function refuseOauth(config: Config): void {
  const given = givenIn(config)
  if (given !== undefined) throw new UsageError(`${flagOf(given)} has no effect without ${flagOf('http')}.`)
}
