package m2m

import "ciclo/shared/office"

// Remedy is where the reason of a refusal is taken away.
type Remedy int

// The places.
const (
	InProgram   Remedy = iota // in the program that makes the assertion: no page has it
	InClient                  // in the client: its keys
	InLinks                   // in the purposes that are linked to the client
	InPurpose                 // in the purpose
	InAgreement               // in the agreement
	InEService                // in the version of the e-service, by its producer
)

// Failure is a reason for which a voucher is refused, in words.
type Failure struct {
	Text   office.Text
	Remedy Remedy
}

// FailureOf returns the words of a reason by its published name. One without words is shown
// by its name, and the API says what it means.
func FailureOf(name string) Failure {
	if f, known := failures[name]; known {
		return f
	}
	return Failure{Text: office.Same(name)}
}

// failures are the reasons by their published names (PDND, client-assertion debug tool).
var failures = map[string]Failure{
	"invalidAssertionType": {Text: office.T(
		"Il parametro client_assertion_type non è quello previsto.", "The parameter client_assertion_type is not the expected one.")},
	"invalidGrantType": {Text: office.T(
		"Il parametro grant_type non è quello previsto.",
		"The parameter grant_type is not the expected one.")},
	"invalidClientIdFormat": {Text: office.T(
		"Il parametro client_id non è l’id di un client.", "The parameter client_id is not the id of a client.")},

	"invalidClientAssertionFormat": {Text: office.T(
		"Quello che è stato incollato non è un’asserzione (un JWT firmato).", "What was pasted is no assertion (a signed JWT).")},
	"invalidAudience": {Text: office.T(
		"L’asserzione non è indirizzata a questa piattaforma: la claim aud è sbagliata.",
		"The assertion is not meant for this platform: the claim aud is wrong.")},
	"audienceNotFound": {Text: office.T("Manca la claim aud.", "The claim aud is missing.")},
	"jtiNotFound":      {Text: office.T("Manca la claim jti.", "The claim jti is missing.")},
	"issuedAtNotFound": {Text: office.T("Manca la claim iat.", "The claim iat is missing.")},
	"expNotFound":      {Text: office.T("Manca la claim exp.", "The claim exp is missing.")},
	"issuerNotFound":   {Text: office.T("Manca la claim iss.", "The claim iss is missing.")},
	"subjectNotFound":  {Text: office.T("Manca la claim sub, l’id del client.", "The claim sub, the id of the client, is missing.")},
	"invalidSubject": {Text: office.T(
		"La claim sub e il parametro client_id indicano due client diversi.", "The claim sub and the parameter client_id name two clients.")},
	"invalidSubjectFormat": {Text: office.T("La claim sub non è l’id di un client.", "The claim sub is not the id of a client.")},
	"invalidPurposeIdClaimFormat": {Text: office.T(
		"La claim purposeId non è l’id di una finalità.", "The claim purposeId is not the id of a purpose.")},
	"invalidDigestClaim": {Text: office.T("La claim digest non è scritta come previsto.", "The claim digest is not written as expected.")},
	"invalidHashLength": {Text: office.T(
		"Il valore nella claim digest non ha la lunghezza prevista.", "The value in the claim digest does not have the expected length.")},
	"invalidHashAlgorithm": {Text: office.T(
		"L’algoritmo nella claim digest non è quello previsto.", "The algorithm in the claim digest is not the expected one.")},
	"kidNotFound":       {Text: office.T("Nell’intestazione manca kid, l’id della chiave.", "The header has no kid, the id of the key.")},
	"invalidKidFormat":  {Text: office.T("kid non è l’id di una chiave.", "kid is not the id of a key.")},
	"algorithmNotFound": {Text: office.T("Nell’intestazione manca alg.", "The header has no alg.")},
	"algorithmNotAllowed": {Text: office.T(
		"L’algoritmo della firma non è ammesso, o non è quello della chiave.",
		"The algorithm of the signature is not allowed, or not that of the key.")},
	"clientAssertionInvalidClaims": {Text: office.T(
		"L’asserzione ha membri non previsti o con un valore sbagliato.", "The assertion has members that are not expected, or wrong values.")},
	"clientAssertionLifetimeTooLong": {Text: office.T(
		"L’asserzione vale troppo a lungo: chi la trova può usarla.", "The assertion is valid for too long: whoever finds it can use it.")},

	"clientAssertionPublicKeyNotFound": {Remedy: InClient, Text: office.T(
		"Il client non ha questa chiave per le firme.", "The client has no such key for signatures.")},
	"purposeIdNotProvided": {Text: office.T(
		"Manca la finalità: un client per e-service la indica nella claim purposeId.",
		"The purpose is missing: a client for e-services names it in the claim purposeId.")},
	"purposeIdNotAllowed": {Text: office.T(
		"È un client per l’API, che non indica finalità: togli la claim purposeId.",
		"This is a client for the API, which names no purpose: leave out the claim purposeId.")},

	"unexpectedClientAssertionSignatureVerificationError": {Remedy: InClient, Text: office.T(
		"La chiave del client non è utilizzabile: aggiungine un’altra.", "The key of the client is of no use: add another one.")},
	"clientAssertionSignatureVerificationError": {Remedy: InClient, Text: office.T(
		"La firma non è verificabile con una chiave del client.", "The signature cannot be verified with a key of the client.")},
	"invalidSignature": {Remedy: InClient, Text: office.T(
		"La firma non è quella della chiave indicata.", "The signature is not one by the key that is named.")},
	"tokenExpiredError": {Text: office.T(
		"L’asserzione è scaduta: per ogni richiesta se ne fa una nuova.", "The assertion has expired: make a new one for every request.")},
	"jsonWebTokenError": {Text: office.T(
		"L’asserzione è datata nel futuro: controlla l’orologio.", "The assertion is dated in the future: check the clock.")},
	"notBeforeError": {Text: office.T(
		"L’asserzione non vale ancora (nbf): controlla l’orologio.", "The assertion is not valid yet (nbf): check the clock.")},
	"clientAssertionJtiAlreadyUsed": {Text: office.T(
		"L’asserzione è già stata usata: per ogni richiesta se ne fa una nuova.",
		"The assertion was used before: make a new one for every request.")},

	"purposeNotLinkedToClient": {Remedy: InLinks, Text: office.T(
		"La finalità non è collegata al client.", "The purpose is not linked to the client.")},
	"invalidPurposeState":   {Remedy: InPurpose, Text: office.T("La finalità non è attiva.", "The purpose is not active.")},
	"invalidAgreementState": {Remedy: InAgreement, Text: office.T("La richiesta di fruizione non è attiva.", "The agreement is not active.")},
	"invalidEServiceState": {Remedy: InEService, Text: office.T(
		"La versione dell’e-service non è utilizzabile.", "The version of the e-service cannot be used.")},

	"invalidDPoPProofFormat":  {Text: office.T("La prova DPoP non è un JWT firmato.", "The DPoP proof is no signed JWT.")},
	"multipleDPoPProofsError": {Text: office.T("C’è più di una prova DPoP.", "There is more than one DPoP proof.")},
	"dpopJtiNotFound":         {Text: office.T("Alla prova DPoP manca jti.", "The DPoP proof has no jti.")},
	"dpopIatNotFound":         {Text: office.T("Alla prova DPoP manca iat.", "The DPoP proof has no iat.")},
	"dpopTypNotFound":         {Text: office.T("Alla prova DPoP manca typ.", "The DPoP proof has no typ.")},
	"invalidDPoPTyp":          {Text: office.T("typ della prova DPoP non è dpop+jwt.", "The typ of the DPoP proof is not dpop+jwt.")},
	"dpopJwkNotFound":         {Text: office.T("Alla prova DPoP manca la chiave (jwk).", "The DPoP proof has no key (jwk).")},
	"dpopHtmNotFound":         {Text: office.T("Alla prova DPoP manca htm.", "The DPoP proof has no htm.")},
	"invalidDPoPHtm":          {Text: office.T("La prova DPoP è per un altro metodo (htm).", "The DPoP proof is for another method (htm).")},
	"dpopHtuNotFound":         {Text: office.T("Alla prova DPoP manca htu.", "The DPoP proof has no htu.")},
	"invalidDPoPHtu": {Text: office.T(
		"La prova DPoP è per un altro indirizzo (htu).",
		"The DPoP proof is for another address (htu).")},
	"dpopAlgorithmNotFound": {Text: office.T("Alla prova DPoP manca alg.", "The DPoP proof has no alg.")},
	"dpopAlgorithmNotAllowed": {Text: office.T(
		"L’algoritmo della prova DPoP non è ammesso.",
		"The algorithm of the DPoP proof is not allowed.")},
	"dpopProofInvalidClaims": {Text: office.T(
		"La prova DPoP ha membri non previsti o con un valore sbagliato.", "The DPoP proof has members that are not expected, or wrong values.")},
	"invalidDPoPSignature": {Text: office.T("La firma della prova DPoP non è valida.", "The signature of the DPoP proof is not valid.")},
	"expiredDPoPProof": {Text: office.T(
		"La prova DPoP è scaduta: per ogni richiesta se ne fa una nuova.", "The DPoP proof has expired: make a new one for every request.")},
	"notYetValidDPoPProof": {Text: office.T("La prova DPoP è datata nel futuro.", "The DPoP proof is dated in the future.")},
	"dpopJtiAlreadyCached": {Text: office.T(
		"La prova DPoP è già stata usata: per ogni richiesta se ne fa una nuova.",
		"The DPoP proof was used before: make a new one for every request.")},
	"dpopTokenBindingMismatch": {Text: office.T(
		"La prova DPoP non è della chiave del token.",
		"The DPoP proof is not by the key of the token.")},
	"dpopAthNotFound": {Text: office.T("Alla prova DPoP manca ath.", "The DPoP proof has no ath.")},
	"invalidDPoPAth":  {Text: office.T("La prova DPoP è per un altro token (ath).", "The DPoP proof is for another token (ath).")},
}
