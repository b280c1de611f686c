package purpose

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// ListVersions lists the versions of a purpose.
var ListVersions = api.Operation[Store, VersionsInput, VersionsOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/list-versions", OperationID: "getPurposeVersions", Method: http.MethodGet, Path: versionsPath, Tag: tag,
			Summary:     "List the versions of a purpose",
			Description: "The load estimates of a purpose, oldest first.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK, Access: interop.Access("Query"),
			Problems: []problem.Code{interop.PurposeNotFound, interop.PurposeNotAllowed},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *VersionsInput) (*VersionsOutput, error) {
		all, err := s.versions(ctx, in.PurposeID, lifecycle.State(in.State))
		if err != nil {
			return nil, err
		}
		out := &VersionsOutput{}
		out.Body.Results, out.Body.Pagination = interop.Page(in.Paged, all)
		return out, nil
	},
}

// GetVersion reads a version of a purpose.
var GetVersion = api.Operation[Store, VersionInput, VersionOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/get-version", OperationID: "getPurposeVersion", Method: http.MethodGet, Path: versionPath, Tag: tag,
			Summary:     "Get a version of a purpose",
			Description: "A load estimate of a purpose.",
			Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK, Access: interop.Access("BatchGetItem"),
			Problems: []problem.Code{interop.PurposeNotFound, interop.PurposeNotAllowed, interop.PurposeVersionNotFound},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *VersionInput) (*VersionOutput, error) {
		v, err := s.version(ctx, in.PurposeID, in.VersionID)
		if err != nil {
			return nil, err
		}
		return &VersionOutput{Body: *v.view()}, nil
	},
}

// CreateVersion plans another number of calls.
var CreateVersion = api.Operation[Store, CreateVersionInput, VersionOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/create-version", OperationID: "createPurposeVersion", Method: http.MethodPost, Path: versionsPath, Tag: tag,
			Summary: "Create a version of a purpose",
			Description: "Plans another number of calls a day. It applies at once when it is lower than before or within the thresholds, " +
				"otherwise the version is WAITING_FOR_APPROVAL by the producer. A purpose that was rejected is submitted again in this way. " +
				"A purpose that is suspended stays suspended.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusCreated,
			Access: interop.Access("BatchGetItem", "ConditionCheckItem", "PutItem", "Query", "UpdateItem"),
			Problems: []problem.Code{
				interop.PurposeNotFound, interop.PurposeNotUpdatable, interop.NotThePurposeConsumer, interop.UnchangedDailyCalls,
				interop.PurposeVersionStateConflict, interop.PurposeWithoutAgreement,
			},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *CreateVersionInput) (*VersionOutput, error) {
		on := target{purposeID: in.PurposeID, notParty: interop.NotThePurposeConsumer}
		p, err := s.change(ctx, on, createVersion(in.Body.DailyCalls))
		if err != nil {
			return nil, err
		}
		return &VersionOutput{Body: *p.Versions[len(p.Versions)-1].view()}, nil
	},
}

// DeleteVersion takes back a version that waits.
var DeleteVersion = api.Operation[Store, VersionInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purpose/delete-version", OperationID: "deletePurposeVersion", Method: http.MethodDelete, Path: versionPath, Tag: tag,
			Summary:     "Delete a version of a purpose",
			Description: "Takes back a version that waits for the producer, unless it is the only one.",
			Product:     interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Access: interop.Access("BatchGetItem", "PutItem"),
			Problems: []problem.Code{
				interop.PurposeNotFound, interop.NotThePurposeConsumer, interop.PurposeVersionUnknown, interop.PurposeVersionNotDeletable,
			},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *VersionInput) (*interop.Void, error) {
		on := target{purposeID: in.PurposeID, extra: versionKey(in.PurposeID, in.VersionID), notParty: interop.NotThePurposeConsumer}
		_, err := s.change(ctx, on, deleteVersion(in.VersionID))
		return &interop.Void{}, err
	},
}
