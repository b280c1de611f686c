package consumer

import (
	"encoding/json"
	"fmt"
	"strings"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/problem"
)

// ConsumerInput is a request about one consumer.
type ConsumerInput struct {
	consumers.ConsumerPath
	api.Correlated
}

// ConsumerOutput is a consumer.
type ConsumerOutput struct{ Body View }

// RegisterInput is the registration of a consumer (D1 v1).
type RegisterInput struct {
	consumers.ConsumerPath
	api.Correlated
	Body *struct {
		State string `json:"state,omitempty" deprecated:"true" doc:"Ignored, as D1 does"`
	}
}

// RegisterCardsInput is the registration of a consumer with cards (D1 v1).
type RegisterCardsInput struct {
	consumers.ConsumerPath
	api.Correlated
	Body struct {
		Cards []CardEntry `json:"cards" minItems:"1" maxItems:"48" nullable:"false" doc:"The cards; those of one call are registered together or not at all"`
	}
}

// CardEntry is one card of a registration.
type CardEntry struct {
	CardID        string `json:"cardId" minLength:"1" maxLength:"48" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,48}$" doc:"Unique identifier of the card; never a PAN"`
	AccountID     string `json:"accountId,omitempty" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,64}$" doc:"The account of the card; the consumerId when absent"`
	CardProductID string `json:"cardProductId,omitempty" minLength:"1" maxLength:"48" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,48}$" doc:"The card product"`
	State         string `json:"state,omitempty" enum:"ACTIVE,INACTIVE" default:"ACTIVE" doc:"State of the card"`
	EncryptedData string `json:"encryptedData,omitempty" maxLength:"16384" doc:"Card data as a compact JWE (ECDH-ES, A256GCM, with kid); checked for its form, never stored or logged"`
}

// Check refuses a card that is listed twice and encrypted data that is not a JWE.
func (in *RegisterCardsInput) Check() []problem.Field {
	var fields []problem.Field
	seen := map[string]bool{}
	for i, c := range in.Body.Cards {
		path := fmt.Sprintf("body.cards[%d].", i)
		if seen[c.CardID] {
			fields = append(fields, problem.Field{
				Name: path + "cardId", Code: consumers.FieldInvalidValue.Name, Detail: "the same card is listed twice",
			})
		}
		seen[c.CardID] = true
		if c.EncryptedData == "" {
			continue
		}
		if why := checkJWE(c.EncryptedData); why != "" {
			fields = append(fields, problem.Field{Name: path + "encryptedData", Code: consumers.FieldInvalidFormat.Name, Detail: why})
		}
	}
	return fields
}

func (in *RegisterCardsInput) cards() []attributes {
	cards := make([]attributes, len(in.Body.Cards))
	for i, c := range in.Body.Cards {
		cards[i] = attributes{CardID: c.CardID, AccountID: c.AccountID, CardProductID: c.CardProductID, State: c.State}
		if c.AccountID == "" {
			cards[i].AccountID = in.ConsumerID
		}
	}
	return cards
}

// checkJWE returns why s is not a compact JWE (RFC 7516 §7.1) as D1 requires it, or "". With
// ECDH-ES there is no encrypted key; with A256GCM there are 96 bits of IV and 128 of tag.
func checkJWE(s string) string {
	parts := strings.Split(s, ".")
	if len(parts) != 5 {
		return "a compact JWE has five parts"
	}
	decoded := make([][]byte, len(parts))
	for i, p := range parts {
		var ok bool
		if decoded[i], ok = jose.Decode(p); !ok && p != "" { // the encrypted key is empty
			return "the parts of a compact JWE are base64url without padding"
		}
	}
	// A map, because encoding/json matches the fields of a struct in any case of letters.
	var header map[string]any
	err := json.Unmarshal(decoded[0], &header)
	kid, _ := header["kid"].(string)
	switch {
	case err != nil:
		return "the JWE header is not a JSON object"
	case header["alg"] != "ECDH-ES" || header["enc"] != "A256GCM" || kid == "":
		return "the JWE header must have alg ECDH-ES, enc A256GCM and a kid"
	case len(decoded[1]) != 0 || len(decoded[2]) != 12 || len(decoded[3]) == 0 || len(decoded[4]) != 16:
		return "the JWE must have no encrypted key, 96 bits of IV, a ciphertext and 128 bits of tag"
	}
	return ""
}

// ListAccountsInput is the request for a page of a consumer's accounts.
type ListAccountsInput struct {
	consumers.ConsumerPath
	consumers.Paged
	api.Correlated
}

// ListAccountsOutput is a page of accounts.
type ListAccountsOutput struct {
	Body struct {
		Accounts          []AccountView `json:"accounts" nullable:"false" doc:"Accounts by id"`
		RemainingAccounts int           `json:"remainingAccounts" minimum:"0" doc:"How many accounts follow the last one returned"`
	}
}

// ListCardsInput is the request for a page of a consumer's cards.
type ListCardsInput struct {
	consumers.ConsumerPath
	consumers.Paged
	api.Correlated
}

// ListCardsOutput is a page of cards.
type ListCardsOutput struct {
	Body struct {
		Cards          []CardView `json:"cards" nullable:"false" doc:"Cards by id"`
		RemainingCards int        `json:"remainingCards" minimum:"0" doc:"How many cards follow the last one returned"`
	}
}

// DeleteInput is the request to delete a consumer (D1 v1, reasonBody).
type DeleteInput struct {
	consumers.ConsumerPath
	api.Correlated
	Body *struct {
		Reason     string `json:"reason,omitempty" pattern:"^[a-zA-Z0-9 ]{1,64}$" example:"customer was contacted on June 28" doc:"Free text, returned in the operations list"`
		ReasonCode string `json:"reasonCode,omitempty" enum:"USER_DECISION,ISSUER_DECISION" default:"ISSUER_DECISION" doc:"The reason as a code"`
	}
}

// reason returns the reason of the deletion and its code.
func (in *DeleteInput) reason() (text, code string) {
	if in.Body == nil {
		return "", "ISSUER_DECISION"
	}
	return in.Body.Reason, in.Body.ReasonCode
}

// OperationResult is the outcome of a delete call (D1 v1, operation result).
type OperationResult struct {
	OperationID string `json:"operationId" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,64}$" doc:"Unique identifier of the operation"`
	Status      string `json:"status" enum:"SUCCESSFUL,PENDING,FAILED" doc:"Status of the operation"`
}

// DeleteOutput is the outcome of a delete call.
type DeleteOutput struct{ Body OperationResult }

// RegisterAccountInput is the registration of an account (D1 v1).
type RegisterAccountInput struct {
	consumers.IssuerPath
	AccountID string `path:"accountId" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,64}$" doc:"Unique identifier of the account"`
	api.Correlated
	Body struct {
		ConsumerID       string `json:"consumerId" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,64}$" doc:"The consumer the account belongs to"`
		AccountProductID string `json:"accountProductId,omitempty" minLength:"1" maxLength:"64" doc:"Reserved"`
		State            string `json:"state" enum:"ACTIVE,INACTIVE" doc:"State of the account"`
	}
}

// CardInput is a request about one card.
type CardInput struct {
	consumers.IssuerPath
	CardID string `path:"cardId" minLength:"1" maxLength:"48" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,48}$" doc:"Unique identifier of the card"`
	api.Correlated
}

// CardOutput is a card.
type CardOutput struct{ Body CardView }

// RegisterDigitalCardInput is the registration of a digital card.
type RegisterDigitalCardInput struct {
	consumers.IssuerPath
	CardID        string `path:"cardId" minLength:"1" maxLength:"48" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,48}$" doc:"Unique identifier of the card"`
	DigitalCardID string `path:"digitalCardId" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,64}$" doc:"Unique identifier of the digital card"`
	api.Correlated
	Body *struct {
		State string `json:"state,omitempty" enum:"ACTIVE,INACTIVE,SUSPENDED" default:"ACTIVE" doc:"State of the digital card"`
	}
}

func (in *RegisterDigitalCardInput) state() string {
	if in.Body == nil {
		return string(Active)
	}
	return in.Body.State
}
