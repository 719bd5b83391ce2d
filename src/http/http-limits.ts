/** What one client may take of this server. Tests pass smaller values. */
export interface HttpLimits {
  maxBodyBytes: number
  /** How long the head of a request may take. */
  headersMs: number
  /** How long a whole request may take to arrive. */
  requestMs: number
  /** Longer than the minute after which proxies give an idle connection up. */
  keepAliveMs: number
  /** Requests of one principal that run or wait. */
  requestsPerPrincipal: number
  /** Identities that are kept ready. One that was dropped is made anew, without its result pages and confirmations. */
  identities: number
  /** How long a load balancer may take to notice `/readyz` before requests are refused. */
  drainGraceMs: number
}

export const httpLimits: HttpLimits = {
  maxBodyBytes: 1024 * 1024,
  headersMs: 60_000,
  requestMs: 60_000,
  keepAliveMs: 75_000,
  requestsPerPrincipal: 34,
  identities: 200,
  drainGraceMs: 2000,
}
