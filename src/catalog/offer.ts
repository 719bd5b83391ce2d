import * as z from 'zod'
import { isObject } from '../json.ts'
import type { BuiltInAction } from './built-in.ts'
import { snapshotActions } from './snapshot.macro.ts'

/** The part of a popular action that follows from the live list. */
type Form = Pick<BuiltInAction, 'schema' | 'listing'>

/** What a live list came to: kept on disk, so that the next start can offer it without making it anew. */
export interface Offer {
  /** When the live list was read, milliseconds since 1970. */
  fetchedAt: number
  /** How many actions the connection has. */
  actions: number
  /** Popular actions that the live list does not have, or not ready. */
  missing: string[]
  /** By the key of the popular action. */
  forms: Record<string, Form>
}

/** An offer as another version of this program made it does not fit. */
export const offerSchema = (version: string) =>
  z.object({
    version: z.literal(version),
    fetchedAt: z.int().min(0).max(8.64e15),
    actions: z.number(),
    missing: z.array(z.string()),
    forms: z.record(z.string(), z.custom<Form>(isForm)),
  })

const isForm = (value: unknown) =>
  isObject(value) &&
  isObject(value['schema']) &&
  isSchema(value['schema']['advertised']) &&
  isSchema(value['schema']['accepted']) &&
  isObject(value['listing']) &&
  isSchema(value['listing']['schema']) &&
  Array.isArray(value['listing']['omitted'])

const isSchema = (value: unknown) =>
  isObject(value) && value['type'] === 'object' && isObject(value['properties'])

/** Returns the popular actions in their fixed order, each in the form that is offered. */
export const popularOf = ({ forms }: Offer): readonly BuiltInAction[] =>
  snapshotActions.map((entry) => {
    const form = Object.hasOwn(forms, entry.key) ? forms[entry.key] : undefined
    // What a call does, and whether it only reads, is never the file's to say.
    return form === undefined ? entry : { ...entry, schema: form.schema, listing: form.listing }
  })
