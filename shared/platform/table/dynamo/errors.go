package dynamo

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"ciclo/shared/platform/table"
)

// verdict is what one failed attempt means. Its zero value: conditions refused
// the request.
type verdict struct {
	kind   table.Kind
	again  bool // the same request may succeed
	unsure bool // the request may have been carried out
}

var (
	invalid    = verdict{kind: table.Invalid}
	conflict   = verdict{kind: table.Conflict, again: true}
	throttled  = verdict{kind: table.Throttled, again: true}
	unanswered = verdict{kind: table.Unavailable, again: true, unsure: true}
	hopeless   = verdict{kind: table.Unavailable}
	denied     = verdict{kind: table.Denied}
)

// judge classifies the error of one attempt.
func judge(err error) verdict {
	var (
		ended    interface{ CanceledError() bool }
		skewed   interface{ RetryableError() bool }
		canceled *types.TransactionCanceledException
		api      smithy.APIError
	)
	switch {
	case errors.As(err, &ended):
		return verdict{kind: table.Unavailable, unsure: true}
	case errors.As(err, &canceled):
		return judgeReasons(canceled.CancellationReasons)
	case errors.As(err, &skewed) && skewed.RetryableError():
		return verdict{kind: table.Unavailable, again: true}
	case errors.As(err, &api):
		if v, known := judgeCode(api.ErrorCode()); known {
			return v
		}
	}
	return judgeTransport(err)
}

// judgeCode classifies the error codes whose HTTP status (400) does not tell.
func judgeCode(code string) (verdict, bool) {
	switch code {
	case "ConditionalCheckFailedException":
		return verdict{}, true
	case "TransactionConflictException", "ReplicatedWriteConflictException":
		return conflict, true
	case "TransactionInProgressException":
		return unanswered, true
	case "ProvisionedThroughputExceededException", "ThrottlingException", "Throttling", "RequestLimitExceeded":
		return throttled, true
	case "ValidationException", "ItemCollectionSizeLimitExceededException", "IdempotentParameterMismatchException", "SerializationException":
		return invalid, true
	}
	return verdict{}, false
}

// judgeReasons classifies a cancelled transaction, of which nothing was
// carried out. A refusal outweighs everything: repeating cannot mend it.
func judgeReasons(reasons []types.CancellationReason) verdict {
	v := hopeless
	for _, r := range reasons {
		switch aws.ToString(r.Code) {
		case "ConditionalCheckFailed":
			return verdict{}
		case "TransactionConflict":
			if v != invalid {
				v = conflict
			}
		case "ThrottlingError", "ProvisionedThroughputExceeded":
			if v != invalid && v != conflict {
				v = throttled
			}
		case "", "None":
		default: // ValidationError, ItemCollectionSizeLimitExceeded, …
			v = invalid
		}
	}
	return v
}

// judgeTransport classifies by HTTP status, which is 0 when there was no answer.
func judgeTransport(err error) verdict {
	var (
		undecodable *smithy.DeserializationError
		unsent      *smithyhttp.RequestSendError
		answer      interface{ HTTPStatusCode() int }
	)
	switch {
	case errors.As(err, &undecodable), errors.As(err, &unsent):
		return unanswered
	case !errors.As(err, &answer):
		return hopeless
	}
	switch status := answer.HTTPStatusCode(); {
	case status == http.StatusTooManyRequests:
		return throttled
	case status == http.StatusRequestEntityTooLarge:
		return invalid
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout:
		return denied
	default:
		return unanswered
	}
}

// fail turns what a call ended with into an error of [table.DB]: ctx's error
// when ctx has ended, for then nobody waits to repeat the call.
func fail(ctx context.Context, op string, err error) error {
	v := judge(err)
	if ended := ctx.Err(); ended != nil && v.kind != table.Invalid {
		return fmt.Errorf("table %s: %w", op, ended)
	}
	return &table.Error{Kind: v.kind, Op: op, Err: err}
}

// reject returns an Invalid error for a call that is not sent at all.
func reject(op, format string, args ...any) error {
	return &table.Error{Kind: table.Invalid, Op: op, Err: fmt.Errorf(format, args...)}
}

// refusal returns the steps that a cancelled transaction names, nil when none refused.
func refusal(err error, steps []table.Step) *table.Refused {
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) {
		return nil
	}
	refused := &table.Refused{}
	for i, r := range canceled.CancellationReasons {
		if i < len(steps) && aws.ToString(r.Code) == "ConditionalCheckFailed" {
			refused.Steps = append(refused.Steps, table.RefusedStep{Label: steps[i].Label, Current: present(r.Item)})
		}
	}
	if len(refused.Steps) == 0 {
		return nil
	}
	return refused
}

// present returns an item as answered, nil when it is absent.
func present(attrs map[string]types.AttributeValue) table.Item {
	if len(attrs) == 0 {
		return nil
	}
	return attrs
}
