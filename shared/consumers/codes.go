package consumers

import (
	"net/http"

	"ciclo/shared/platform/problem"
)

// The codes of the consumers product. The FIELD_ and AUTHORIZER_UNAUTHORIZED
// names are D1 v2's; v1 documents statuses only.
var (
	FieldInvalidFormat = problem.Code{
		Name: "FIELD_INVALID_FORMAT", Status: http.StatusBadRequest,
		Title: "A field is malformed.",
	}
	FieldInvalidValue = problem.Code{
		Name: "FIELD_INVALID_VALUE", Status: http.StatusBadRequest,
		Title: "A field has a value that is not allowed.",
	}
	AuthorizerUnauthorized = problem.Code{
		Name: "AUTHORIZER_UNAUTHORIZED", Status: http.StatusUnauthorized,
		Title: "The access token is missing or not valid.",
	}
	AuthorizerForbidden = problem.Code{
		Name: "AUTHORIZER_FORBIDDEN", Status: http.StatusForbidden,
		Title: "The access token does not allow this.",
	}
	UnsupportedGrantType = problem.Code{
		Name: "UNSUPPORTED_GRANT_TYPE", Status: http.StatusBadRequest,
		Title: "The grant type is not supported.",
	}
	InvalidGrant = problem.Code{
		Name: "INVALID_GRANT", Status: http.StatusBadRequest,
		Title: "The assertion is not valid.",
	}
	ConsumerNotFound = problem.Code{
		Name: "CONSUMER_NOT_FOUND", Status: http.StatusNotFound,
		Title: "The consumer does not exist.",
	}
	CardNotFound = problem.Code{
		Name: "CARD_NOT_FOUND", Status: http.StatusNotFound,
		Title: "The card does not exist.",
	}
	IssuerKeyNotFound = problem.Code{
		Name: "KEY_NOT_FOUND", Status: http.StatusNotFound,
		Title: "The issuer has no key with this kid.",
	}
	OperationNotFound = problem.Code{
		Name: "OPERATION_NOT_FOUND", Status: http.StatusNotFound,
		Title: "The operation does not exist or is no longer kept.",
	}
	ResourceNotFound = problem.Code{
		Name: "RESOURCE_NOT_FOUND", Status: http.StatusNotFound,
		Title: "There is nothing at this path.",
	}
	MethodNotAllowed = problem.Code{
		Name: "METHOD_NOT_ALLOWED", Status: http.StatusMethodNotAllowed,
		Title: "The path does not have this method.",
	}
	ConsumerDeleted = problem.Code{
		Name: "CONSUMER_DELETED", Status: http.StatusConflict,
		Title: "The consumer was deleted and its id cannot be used again.",
	}
	OperationInProgress = problem.Code{
		Name: "OPERATION_IN_PROGRESS", Status: http.StatusConflict,
		Title: "The consumer is being deleted.",
	}
	IDInUse = problem.Code{
		Name: "ID_IN_USE", Status: http.StatusConflict,
		Title: "The id belongs to another consumer.",
	}
	PurgeRunning = problem.Code{
		Name: "PURGE_RUNNING", Status: http.StatusConflict,
		Title: "A purge is running.",
	}
	PayloadTooLarge = problem.Code{
		Name: "PAYLOAD_TOO_LARGE", Status: http.StatusRequestEntityTooLarge,
		Title: "The request body is too large.",
	}
	MediaTypeUnsupported = problem.Code{
		Name: "MEDIA_TYPE_UNSUPPORTED", Status: http.StatusUnsupportedMediaType,
		Title: "The request body is not JSON.",
	}
	InternalError = problem.Code{
		Name: "INTERNAL_ERROR", Status: http.StatusInternalServerError,
		Title: "Something went wrong on our side.",
	}
	TooManyRequests = problem.Code{
		Name: "TOO_MANY_REQUESTS", Status: http.StatusTooManyRequests, // by API Gateway
		Title: "There are too many requests.",
	}
	GatewayTimeout = problem.Code{
		Name: "GATEWAY_TIMEOUT", Status: http.StatusGatewayTimeout, // by API Gateway
		Title: "The answer took too long.",
	}
	ServiceUnavailable = problem.Code{
		Name: "SERVICE_UNAVAILABLE", Status: http.StatusServiceUnavailable,
		Title: "The service is busy; the call may be repeated.",
	}
)
