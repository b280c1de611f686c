package service

import (
	"context"
	"net/http"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/services"
)

const tagAssets = "Logo and keys"

// UpdateLogo stores the logo of a service.
var UpdateLogo = api.Operation[Store, LogoInput, services.Empty]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/update-logo", OperationID: "updateServiceLogo", Method: http.MethodPut, Path: servicePath + "/logo",
			Summary: "Update the logo", Tag: tagAssets, Product: services.Product, Scopes: services.Owners, Status: http.StatusNoContent,
			Description: "Stores the logo of a service. It takes effect at once and without review.",
			Input:       "Exact<Logo>", MaxBody: maxLogoBody,
			Problems: []problem.Code{services.ImageInvalid, services.NoValidScopes, services.ServiceNotFound},
			Access:   tableAccess(),
			Needs:    []api.Need{api.NeedPutBlob},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *LogoInput) (*services.Empty, error) {
		return &services.Empty{}, s.putLogo(ctx, in.ServiceID, in.Body.Logo)
	},
}

// GetLogo returns the logo of a service.
var GetLogo = api.Operation[Store, ServiceInput, LogoOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/get-logo", OperationID: "getServiceLogo", Method: http.MethodGet, Path: servicePath + "/logo",
			Summary: "Get the logo", Tag: tagAssets, Product: services.Product, Scopes: services.OwnersOrReviewers, Status: http.StatusOK,
			Description: "The logo of a service, as it was sent.", Produces: logoType,
			Problems: []problem.Code{services.NoValidScopes, services.ServiceNotFound, services.LogoNotFound},
			Access:   tableAccess(),
			Needs:    []api.Need{api.NeedGetBlob},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ServiceInput) (*LogoOutput, error) {
		b, err := s.logo(ctx, in.ServiceID)
		return &LogoOutput{ContentType: b.Type, NoSniff: "nosniff", Body: b.Bytes}, err
	},
}

// Keys returns the keys of a service.
var Keys = api.Operation[Store, ServiceInput, KeysOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/keys", OperationID: "getServiceKeys", Method: http.MethodGet, Path: servicePath + "/keys",
			Summary: "Get the keys", Tag: tagAssets, Product: services.Product, Scopes: services.Owners, Status: http.StatusOK,
			Description: "Both keys of a service. They are equivalent.",
			Problems:    []problem.Code{services.NoValidScopes, services.ServiceNotFound},
			Access:      tableAccess("BatchGetItem"),
			Needs:       []api.Need{api.NeedUnseal},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *ServiceInput) (*KeysOutput, error) {
		keys, err := s.keys(ctx, in.ServiceID)
		return &KeysOutput{Body: keys}, err
	},
}

// RegenerateKey replaces a key of a service.
var RegenerateKey = api.Operation[Store, RegenerateKeyInput, KeysOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "service/regenerate-key", OperationID: "regenerateServiceKey",
			Method: http.MethodPut, Path: servicePath + "/keys/{keyType}",
			Summary: "Regenerate a key", Tag: tagAssets, Product: services.Product, Scopes: services.Owners, Status: http.StatusOK,
			Description: "Replaces one key of a service. The old key is no longer valid, the other one stays valid.",
			Input:       "SubscriptionKeyType",
			Problems:    []problem.Code{services.NoValidScopes, services.ServiceNotFound, services.VersionConflict},
			Access:      tableAccess("BatchGetItem", "PutItem"),
			Needs:       []api.Need{api.NeedUnseal},
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RegenerateKeyInput) (*KeysOutput, error) {
		keys, err := s.regenerate(ctx, in.ServiceID, in.KeyType)
		return &KeysOutput{Body: keys}, err
	},
}
