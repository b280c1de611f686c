package services

import (
	"net/http"

	"ciclo/shared/platform/problem"
)

// The codes of the services product. Titles, and the details of refused transitions, are
// App IO's. App IO has no codes, so several codes share a title.
var (
	RequestInvalid = problem.Code{Name: "REQUEST_INVALID", Status: http.StatusBadRequest, Title: "Invalid request"}
	TopicUnknown   = problem.Code{Name: "TOPIC_UNKNOWN", Status: http.StatusBadRequest, Title: "Bad Request"}
	ImageInvalid   = problem.Code{Name: "IMAGE_INVALID", Status: http.StatusBadRequest, Title: "Image not valid"}

	KeyInvalid    = problem.Code{Name: "KEY_INVALID", Status: http.StatusUnauthorized, Title: "Unauthorized"}
	NotAllowed    = problem.Code{Name: "NOT_ALLOWED", Status: http.StatusForbidden, Title: "You are not allowed here"}
	NoValidScopes = problem.Code{Name: "NO_VALID_SCOPES", Status: http.StatusForbidden, Title: "User has no valid scopes"}

	NotFound            = problem.Code{Name: "NOT_FOUND", Status: http.StatusNotFound, Title: "Not found"}
	ServiceNotFound     = problem.Code{Name: "SERVICE_NOT_FOUND", Status: http.StatusNotFound, Title: "Not found"}
	PublicationNotFound = problem.Code{Name: "PUBLICATION_NOT_FOUND", Status: http.StatusNotFound, Title: "Not Found"}
	ReviewNotFound      = problem.Code{Name: "REVIEW_NOT_FOUND", Status: http.StatusNotFound, Title: "Not found"}
	LogoNotFound        = problem.Code{Name: "LOGO_NOT_FOUND", Status: http.StatusNotFound, Title: "Not found"}

	NoTransition       = problem.Code{Name: "NO_TRANSITION", Status: http.StatusConflict, Title: "Conflict"}
	DuplicateName      = problem.Code{Name: "DUPLICATE_NAME", Status: http.StatusConflict, Title: "Conflict"}
	VersionConflict    = problem.Code{Name: "VERSION_CONFLICT", Status: http.StatusConflict, Title: "Conflict"}
	PreconditionFailed = problem.Code{Name: "PRECONDITION_FAILED", Status: http.StatusPreconditionFailed, Title: "Precondition Failed"}

	InternalServerError = problem.Code{
		Name: "INTERNAL_SERVER_ERROR", Status: http.StatusInternalServerError, Title: "Internal server error",
	}
	MethodNotAllowed = problem.Code{
		Name: "METHOD_NOT_ALLOWED", Status: http.StatusMethodNotAllowed, Title: "The path does not have this method.",
	}
	PayloadTooLarge = problem.Code{
		Name: "PAYLOAD_TOO_LARGE", Status: http.StatusRequestEntityTooLarge, Title: "The request body is too large.",
	}
	MediaTypeUnsupported = problem.Code{
		Name: "MEDIA_TYPE_UNSUPPORTED", Status: http.StatusUnsupportedMediaType, Title: "The request body is not JSON.",
	}
	// TooManyRequests and GatewayTimeout are answered by API Gateway.
	TooManyRequests = problem.Code{
		Name: "TOO_MANY_REQUESTS", Status: http.StatusTooManyRequests, Title: "There are too many requests.",
	}
	GatewayTimeout = problem.Code{
		Name: "GATEWAY_TIMEOUT", Status: http.StatusGatewayTimeout, Title: "The answer took too long.",
	}
	ServiceUnavailable = problem.Code{
		Name: "SERVICE_UNAVAILABLE", Status: http.StatusServiceUnavailable, Title: "The service is busy; the call may be repeated.",
	}
)
