// An organization that calls the API: its configuration is the answer of the sandbox's
// GET /_local/client, in a file. openid-client gets the access token, bound to a new key,
// and every call of the generated client has a proof by that key.
import { generateKeyPair, generateProof } from 'dpop'
import createClient, { type Client, type FetchResponse, type Middleware } from 'openapi-fetch'
import * as oauth from 'openid-client'
import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { paths } from './api.mjs'

// counted is how many calls were made, those for tokens too.
export const counted = { calls: 0 }

// Config is what a program has in its configuration of a client.
export interface Config {
  organizationId: string
  userId: string
  clientId: string
  kid: string
  privateKey: string
  tokenEndpoint: string
  audience: string
  apiUrl: string
}

// token gets an access token of an API client, or a voucher for a purpose, bound to the key of proofs.
export async function token({ clientId, kid, privateKey, tokenEndpoint, audience }: Config, proofs: CryptoKeyPair, purposeId?: string) {
  const der = createPrivateKey(privateKey).export({ type: 'pkcs8', format: 'der' })
  const key = await crypto.subtle.importKey('pkcs8', new Uint8Array(der), { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign'])
  const assertion = oauth.PrivateKeyJwt({ key, kid }, {
    [oauth.modifyAssertion]: (_, payload) => { if (purposeId) payload.purposeId = purposeId },
  })
  const config = new oauth.Configuration({ issuer: audience, token_endpoint: tokenEndpoint }, clientId, undefined, assertion)
  oauth.allowInsecureRequests(config)
  const tokens = await oauth.clientCredentialsGrant(config, {}, { DPoP: oauth.getDPoPHandle(config, proofs) })
  counted.calls++
  if (tokens.token_type !== 'dpop') throw new Error(`the token is of type ${tokens.token_type}`)
  return tokens.access_token
}

// signedIn is a middleware that authenticates every call with the token and a proof.
function signedIn(accessToken: string, proofs: CryptoKeyPair): Middleware {
  return {
    async onRequest({ request }) {
      counted.calls++
      const { origin, pathname } = new URL(request.url)
      request.headers.set('Authorization', `DPoP ${accessToken}`)
      request.headers.set('DPoP', await generateProof(proofs, origin + pathname, request.method, undefined, accessToken))
      return request
    },
  }
}

export interface Party {
  id: string
  user: string
  config: Config
  api: Client<paths>
}

// party signs an organization in.
export async function party(file: string): Promise<Party> {
  const config = JSON.parse(readFileSync(file, 'utf8')) as Config
  const proofs = await generateKeyPair('ES256')
  const accessToken = await token(config, proofs)
  const api = createClient<paths>({ baseUrl: config.apiUrl })
  api.use(signedIn(accessToken, proofs))
  return { id: config.organizationId, user: config.userId, config, api }
}

type Answer = FetchResponse<any, any, any>

// done returns what a call answers, and fails unless it succeeded.
export async function done<T extends Answer>(asked: Promise<T>): Promise<NonNullable<T['data']>> {
  const { data, error, response } = await asked
  if (!response.ok || data === undefined) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`)
  return data
}

// refused fails unless a call is refused with that status and code.
export async function refused(status: number, code: string, asked: Promise<Answer>) {
  const { error, response } = await asked
  if (response.status !== status || error?.errors[0].code !== code) {
    throw new Error(`${response.url} is not refused with ${status} ${code} but ${response.status} ${JSON.stringify(error)}`)
  }
}

// expect fails unless something is as it should be.
export function expect(what: string, got: unknown, want: unknown) {
  if (got !== want) throw new Error(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`)
}
