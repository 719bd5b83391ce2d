import { expect, it } from 'vitest'
import { type Endpoint, isEquivalentWrite } from '../../src/kustomer/endpoint.ts'

const id = '6aff0158c0f0000004000001'
const create: Endpoint = { method: 'POST', path: '/v1/customers', risk: 'record' }
const update: Endpoint = { method: 'PUT', path: '/v1/conversations/{id}', risk: 'record' }
const note: Endpoint = { method: 'POST', path: '/v1/conversations/{id}/notes', risk: 'internal' }
const reply: Endpoint = {
  method: 'POST',
  path: '/v1/conversations/{id}/messages',
  risk: 'customer-visible',
}

it.each<[Endpoint, string, string]>([
  [create, 'POST', '/v1/customers'],
  [create, 'POST', '/v1/%63ustomers'],
  [create, 'POST', '/V1/Customers ;x/?a#b'],
  [create, 'POST', '/v2/customers/bulk'],
  [update, 'PUT', `/v1/conversations/${id}`],
  [update, 'PATCH', `/v1/conversations/${id};x`],
  [note, 'POST', `/v1/conversations/${id}/notes`],
  [note, 'POST', `/v1/customers/x/conversations/${id}/notes`],
  [reply, 'POST', `/v1/conversations/${id}/messages`],
  [reply, 'PUT', `/v1/conversations/${id}/messages`],
])('%j is done by %s %s', (endpoint, method, path) => {
  expect(isEquivalentWrite(endpoint, { method, path, query: [] })).toBe(true)
})

it.each<[Endpoint, string, string]>([
  [create, 'PUT', '/v1/customers'],
  [create, 'POST', '/v1/companies'],
  [create, 'POST', `/v1/customers/${id}`],
  [update, 'POST', `/v1/conversations/${id}`],
  [update, 'DELETE', `/v1/conversations/${id}`],
  [update, 'PUT', '/v1/conversations'],
  [update, 'PUT', `/v1/customers/${id}`],
  [update, 'PUT', '/v1/conversations/x/bulk'],
  [note, 'POST', `/v1/customers/${id}/notes`],
  [note, 'POST', '/notes'],
  [reply, 'DELETE', `/v1/conversations/${id}/messages`],
])('%j is not done by %s %s', (endpoint, method, path) => {
  expect(isEquivalentWrite(endpoint, { method, path, query: [] })).toBe(false)
})
