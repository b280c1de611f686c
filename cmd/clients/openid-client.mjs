// Gets a voucher and an access token with openid-client, and shows what it raises on a
// refusal. The environment is that of prepare.go.
import * as client from 'openid-client'
import { createPrivateKey, randomUUID, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'

const { ISSUER, CLIENT, PURPOSE, KID, KEY, CARD_ISSUER, CARD_KID, CARD_KEY } = process.env
const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const insecure = { execute: [client.allowInsecureRequests] }

const key = await crypto.subtle.importKey('pkcs8', createPrivateKey(readFileSync(KEY)).export({ type: 'pkcs8', format: 'der' }),
  { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign'])

// voucher asks for a voucher for a purpose; algorithm says where the metadata is looked for.
async function voucher(purposeId, algorithm) {
  const auth = client.PrivateKeyJwt({ key, kid: KID }, { [client.modifyAssertion]: (_, payload) => { payload.purposeId = purposeId } })
  const config = await client.discovery(new URL(ISSUER), CLIENT, undefined, auth, { ...insecure, algorithm })
  return client.clientCredentialsGrant(config)
}

// token asks for an access token of a card issuer with an assertion that ends in so many seconds.
async function token(seconds) {
  const config = await client.discovery(new URL(ISSUER + '/oauth2'), CARD_ISSUER, undefined, client.None(), { ...insecure, algorithm: 'oauth2' })
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const text = encode({ alg: 'ES256', typ: 'JWT', kid: CARD_KID }) + '.' +
    encode({ iss: CARD_ISSUER, sub: CARD_ISSUER, aud: config.serverMetadata().token_endpoint, jti: randomUUID(), exp: Date.now() / 1000 + seconds })
  const signature = sign('sha256', Buffer.from(text), { key: readFileSync(CARD_KEY), dsaEncoding: 'ieee-p1363' })
  return client.genericGrantRequest(config, grant, { assertion: text + '.' + signature.toString('base64url') })
}

// given shows a token, and fails without one.
async function given(what, asked) {
  const tokens = await asked
  if (!tokens.access_token || !(tokens.expires_in > 0)) throw new Error(`${what}: ${JSON.stringify(tokens)}`)
  console.log(`  ${what}: ${tokens.token_type}, ${tokens.expires_in} s`)
}

// refused shows an error, and fails unless it is that one and says why.
async function refused(what, error, reason, asked) {
  try {
    await asked
  } catch (e) {
    if (!(e instanceof client.ResponseBodyError) || e.error !== error || !e.error_description?.includes(reason)) throw e
    console.log(`  ${what}: ${e.error}: ${e.error_description}`)
    return
  }
  throw new Error(what + ' is not refused')
}

await given('voucher, by /.well-known/oauth-authorization-server', voucher(PURPOSE, 'oauth2'))
await given('voucher, by /.well-known/openid-configuration', voucher(PURPOSE, 'oidc'))
await refused('voucher for a purpose that the client is not linked to', 'unauthorized_client', 'link them first', voucher(randomUUID(), 'oauth2'))
await refused('voucher for what is no purpose', 'invalid_client', 'purposeId', voucher('x', 'oauth2'))
await given('access token', token(300))
await refused('access token for an assertion that is over', 'invalid_grant', 'exp is over', token(-300))
