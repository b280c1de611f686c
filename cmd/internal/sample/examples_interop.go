package sample

// interopExamples are the examples of the interop product, by operation.
var interopExamples = map[string]Example{
	"agreement/allowed-actions": {Path: []string{sampleID(0xa9)}},
	"follow/count-dead-letters": {},
	"agreement/approve":         {Path: []string{sampleID(0xa3)}},
	"agreement/archive":         {By: consumerID(0x07), Path: []string{sampleID(0xa7)}},
	"agreement/clone":           {By: consumerID(0x09), Path: []string{sampleID(0xa9)}},
	"agreement/create": {
		By:   consumerID(0x10),
		Body: `{"eserviceId": "` + sampleID(0x05) + `", "descriptorId": "` + sampleID(0xd5) + `"}`,
	},
	"agreement/delete":        {By: consumerID(0x02), Path: []string{sampleID(0xa2)}},
	"agreement/get":           {By: consumerID(0x05), Path: []string{sampleID(0xa5)}},
	"agreement/history":       {Path: []string{sampleID(0xa9)}},
	"agreement/load":          {Path: []string{sampleID(0x2c)}},
	"agreement/list-purposes": {Path: []string{sampleID(0x2c)}, Query: "limit=20"},
	"agreement/list":          {Query: "states=PENDING&eserviceIds=" + sampleID(0x07) + "&offset=0&limit=2"},
	"agreement/reject":        {Path: []string{sampleID(0xa4)}, Body: `{"reason": "The purpose of the request is not clear."}`},
	"agreement/submit": {
		By:   consumerID(0x01),
		Path: []string{sampleID(0xa1)},
		Body: `{"consumerNotes": "For the portal of the municipality."}`,
	},
	"agreement/suspend":   {By: consumerID(0x05), Path: []string{sampleID(0xa5)}},
	"agreement/unsuspend": {By: consumerID(0x06), Path: []string{sampleID(0xa6)}},
	"agreement/upgrade":   {By: consumerID(0x08), Path: []string{sampleID(0xa8)}},

	"attribute/create-certified": {Body: `{"name": "Municipality", "description": "An organization of that kind", "code": "L6"}`},
	"attribute/create-declared":  {Body: `{"name": "Municipality", "description": "An organization of that kind"}`},
	"attribute/create-verified":  {Body: `{"name": "Municipality", "description": "An organization of that kind"}`},
	"attribute/get-certified":    {Path: []string{sampleID(0xc1)}},
	"attribute/get-declared":     {Path: []string{sampleID(0xc2)}},
	"attribute/get-verified":     {Path: []string{sampleID(0xc3)}},
	"attribute/list-certified":   {Query: "limit=20"},
	"attribute/list-declared":    {Query: "limit=20"},
	"attribute/list-verified":    {Query: "limit=20"},

	"client/add-key": {
		By:   consumerID(0x2f),
		Path: []string{sampleID(0xf3)},
		Body: `{"key": "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFcEVOZU5` +
			`1ZnIxMTZEbTBWSitOeElkV3pJQXUrSgovZDBRZkVjdlUyaVFGdGJjckJxNFBBSmVneEFIR1ZTWDdmRHk5ZFZlRTcraU55cUlHVWZ` +
			`SMXQ1Z0hBPT0KLS0tLS1FTkQgUFVCTElDIEtFWS0tLS0tCg==", "use": "SIG", "alg": "ES256", ` +
			`"name": "A key of the portal"}`,
	},
	"client/add-user":    {By: consumerID(0x2f), Path: []string{sampleID(0xf9)}, Body: `{"userId": "` + sampleID(0xb4) + `"}`},
	"client/add-purpose": {By: consumerID(0x2f), Path: []string{sampleID(0xf5)}, Body: `{"purposeId": "` + sampleID(0x4f) + `"}`},
	"client/create": {
		By:   consumerID(0x2f),
		Body: `{"name": "Portal of the municipality", "description": "Asks for certificates", "members": []}`,
	},
	"client/create-api": {
		By:   consumerID(0x2f),
		Body: `{"name": "Client of the gateway", "description": "Manages purposes", "members": []}`,
	},
	"client/delete-key":     {By: consumerID(0x2f), Path: []string{sampleID(0xf2), "iqeItIzUvM4-CiQeamq13QYhmGfCErLLvF9nhjBYGbw"}},
	"client/delete":         {By: consumerID(0x2f), Path: []string{sampleID(0xf1)}},
	"client/get":            {By: consumerID(0x2f), Path: []string{sampleID(0xf4)}},
	"client/get-api":        {By: consumerID(0x2f), Path: []string{sampleID(0xfa)}},
	"client/list-keys":      {By: consumerID(0x2f), Path: []string{sampleID(0xf4)}, Query: "limit=20"},
	"client/list-purposes":  {By: consumerID(0x2f), Path: []string{sampleID(0xf4)}, Query: "states=ACTIVE"},
	"client/list-api":       {By: consumerID(0x2f), Query: "name=portal&offset=0&limit=20"},
	"client/list-users":     {By: consumerID(0x2f), Path: []string{sampleID(0xf8)}, Query: "offset=0&limit=20"},
	"client/list":           {By: consumerID(0x2f), Query: "name=portal&limit=20"},
	"client/remove-admin":   {By: consumerID(0x2f), Path: []string{sampleID(0xfb), sampleID(0xb3)}},
	"client/remove-user":    {By: consumerID(0x2f), Path: []string{sampleID(0xf8), sampleID(0xb3)}},
	"client/set-admin":      {By: consumerID(0x2f), Path: []string{sampleID(0xfa)}, Body: `{"adminId": "` + sampleID(0xb4) + `"}`},
	"client/remove-purpose": {By: consumerID(0x2f), Path: []string{sampleID(0xf6), sampleID(0x4f)}},
	"client/token-events":   {By: consumerID(0x2f), Path: []string{sampleID(0xf7)}, Query: "limit=20"},

	"eservice/add-certified-attributes": {
		Path: []string{sampleID(0x04), sampleID(0xd4), "0"},
		Body: `{"attributeIds": ["` + sampleID(0xc4) + `"]}`,
	},
	"eservice/add-declared-attributes": {
		Path: []string{sampleID(0x04), sampleID(0xd4), "0"},
		Body: `{"attributeIds": ["` + sampleID(0xc5) + `"]}`,
	},
	"eservice/add-verified-attributes": {
		Path: []string{sampleID(0x04), sampleID(0xd4), "0"},
		Body: `{"attributeIds": ["` + sampleID(0xc6) + `"]}`,
	},
	"eservice/create-certified-group": {
		Path: []string{sampleID(0x04), sampleID(0xd4)},
		Body: `{"attributeIds": ["` + sampleID(0xc1) + `", "` + sampleID(0xc4) + `"]}`,
	},
	"eservice/create-declared-group": {
		Path: []string{sampleID(0x04), sampleID(0xd4)},
		Body: `{"attributeIds": ["` + sampleID(0xc2) + `", "` + sampleID(0xc5) + `"]}`,
	},
	"eservice/create-descriptor": {
		Path: []string{sampleID(0x03)},
		Body: `{"description": "First version", "audience": ["registry.example.it/v1"], "voucherLifespan": 600, ` +
			`"dailyCallsPerConsumer": 1000, "dailyCallsTotal": 10000, "agreementApprovalPolicy": "AUTOMATIC"}`,
	},
	"eservice/create-verified-group": {
		Path: []string{sampleID(0x04), sampleID(0xd4)},
		Body: `{"attributeIds": ["` + sampleID(0xc3) + `", "` + sampleID(0xc6) + `"]}`,
	},
	"eservice/create": {
		Body: `{"name": "Registry of vehicles", "description": "Looks addresses up", "technology": "REST", ` +
			`"mode": "DELIVER", "personalData": false, "descriptor": {"description": "First version", ` +
			`"audience": ["registry.example.it/v1"], "voucherLifespan": 600, "dailyCallsPerConsumer": 1000, ` +
			`"dailyCallsTotal": 10000, "agreementApprovalPolicy": "AUTOMATIC"}}`,
	},
	"eservice/delete-descriptor":          {Path: []string{sampleID(0x08), sampleID(0xe8)}},
	"eservice/delete":                     {Path: []string{sampleID(0x01)}},
	"eservice/allowed-actions":            {Path: []string{sampleID(0x02), sampleID(0xd2)}},
	"eservice/eservice-allowed-actions":   {Path: []string{sampleID(0x02)}},
	"eservice/get-descriptor":             {Path: []string{sampleID(0x02), sampleID(0xd2)}},
	"eservice/get":                        {Path: []string{sampleID(0x02)}},
	"eservice/list-certified-attributes":  {Path: []string{sampleID(0x04), sampleID(0xd4)}, Query: "limit=20"},
	"eservice/list-declared-attributes":   {Path: []string{sampleID(0x04), sampleID(0xd4)}, Query: "limit=20"},
	"eservice/list-descriptors":           {Path: []string{sampleID(0x02)}, Query: "limit=50"},
	"eservice/list-verified-attributes":   {Path: []string{sampleID(0x04), sampleID(0xd4)}, Query: "limit=20"},
	"eservice/list":                       {Query: "technology=REST&limit=50&offset=0"},
	"eservice/load":                       {Path: []string{sampleID(0x05)}, Query: "limit=20"},
	"eservice/publish":                    {Path: []string{sampleID(0x01), sampleID(0xd1)}},
	"eservice/remove-certified-attribute": {Path: []string{sampleID(0x04), sampleID(0xd4), "1", sampleID(0xc1)}},
	"eservice/remove-declared-attribute":  {Path: []string{sampleID(0x04), sampleID(0xd4), "1", sampleID(0xc2)}},
	"eservice/remove-verified-attribute":  {Path: []string{sampleID(0x04), sampleID(0xd4), "1", sampleID(0xc3)}},
	"eservice/set-personal-data":          {Path: []string{sampleID(0x02)}, Body: `{"personalData": false}`},
	"eservice/suspend":                    {Path: []string{sampleID(0x02), sampleID(0xd2)}},
	"eservice/unsuspend":                  {Path: []string{sampleID(0x03), sampleID(0xd3)}},
	"eservice/update-certified-attribute": {
		Path: []string{sampleID(0x04), sampleID(0xd4), "0", sampleID(0xc1)},
		Body: `{"dailyCallsPerConsumer": 2000}`,
	},
	"eservice/update-delegation":  {Path: []string{sampleID(0x02)}, Body: `{"isConsumerDelegable": true}`},
	"eservice/update-description": {Path: []string{sampleID(0x02)}, Body: `{"description": "Looks companies up"}`},
	"eservice/update-descriptor":  {Path: []string{sampleID(0x01), sampleID(0xd1)}, Body: `{"voucherLifespan": 1200}`},
	"eservice/update-name":        {Path: []string{sampleID(0x02)}, Body: `{"name": "Registry of firms"}`},
	"eservice/update-quotas":      {Path: []string{sampleID(0x02), sampleID(0xd2)}, Body: `{"dailyCallsTotal": 20000}`},
	"eservice/update-signal-hub":  {Path: []string{sampleID(0x02)}, Body: `{"isSignalHubEnabled": true}`},
	"eservice/update":             {Path: []string{sampleID(0x01)}, Body: `{"description": "Looks addresses and streets up"}`},

	"key/get": {Path: []string{"yy5gz1YeeWIbV9Ama72bNGSZ0bXn5el401Zc_eEY8jA"}},

	"purpose/activate":       {By: consumerID(0x21), Path: []string{sampleID(0x41)}},
	"purpose/approve":        {Path: []string{sampleID(0x44)}},
	"purpose/archive":        {By: consumerID(0x29), Path: []string{sampleID(0x49)}},
	"purpose/clone":          {By: consumerID(0x2d), Path: []string{sampleID(0x4d)}, Body: `{"eserviceId": "` + sampleID(0x05) + `"}`},
	"purpose/create-version": {By: consumerID(0x2a), Path: []string{sampleID(0x4a)}, Body: `{"dailyCalls": 150}`},
	"ledger/check":           {},

	"purpose/allowed-actions": {Path: []string{sampleID(0x4c)}},
	"purpose/create": {
		By: consumerID(0x2e),
		Body: `{"eserviceId": "` + sampleID(0x05) +
			`", "title": "Certificates online", "description": "Certificates for residents", "isFreeOfCharge": false, ` +
			`"dailyCalls": 100, "riskAnalysisForm": {"version": "3.1", "answers": {"purpose": ["INSTITUTIONAL"]}}}`,
	},
	"purpose/delete-version":        {By: consumerID(0x2b), Path: []string{sampleID(0x4b), sampleID(0x8b)}},
	"purpose/delete":                {By: consumerID(0x23), Path: []string{sampleID(0x43)}},
	"purpose/expect-activation":     {Path: []string{sampleID(0x46)}, Body: `{"date": "2099-12-31"}`},
	"purpose/get-agreement":         {By: consumerID(0x2c), Path: []string{sampleID(0x4c)}},
	"purpose/get-version":           {Path: []string{sampleID(0x4c), sampleID(0x6c)}},
	"purpose/get":                   {Path: []string{sampleID(0x4c)}},
	"purpose/history":               {Path: []string{sampleID(0x4c)}},
	"purpose/list-versions":         {Path: []string{sampleID(0x4c)}, Query: "state=ACTIVE&limit=2"},
	"purpose/list":                  {Query: "states=WAITING_FOR_APPROVAL&eserviceIds=" + sampleID(0x05) + "&offset=0&limit=2"},
	"purpose/reject":                {Path: []string{sampleID(0x45)}, Body: `{"rejectionReason": "Too many calls a day."}`},
	"purpose/remaining-daily-calls": {By: consumerID(0x2c), Path: []string{sampleID(0x4c)}},
	"purpose/suspend":               {By: consumerID(0x27), Path: []string{sampleID(0x47)}},
	"purpose/unsuspend":             {By: consumerID(0x28), Path: []string{sampleID(0x48)}},
	"purpose/threshold-check":       {Path: []string{sampleID(0x46)}},
	"purpose/update": {
		By:   consumerID(0x22),
		Path: []string{sampleID(0x42)},
		Body: `{"title": "Certificates by post", "dailyCalls": 200}`,
	},

	"status/get": {},

	"tenant/assign-certified-attribute": {Path: []string{consumerID(0x02)}, Body: `{"id": "` + sampleID(0xc1) + `"}`},
	"tenant/declare-attribute":          {By: consumerID(0x02), Path: []string{consumerID(0x02)}, Body: `{"id": "` + sampleID(0xc2) + `"}`},
	"tenant/get":                        {Path: []string{consumerID(0x01)}},
	"tenant/list-certified-attributes":  {Path: []string{consumerID(0x03)}},
	"tenant/list-declared-attributes":   {Path: []string{consumerID(0x03)}},
	"tenant/list-revokers":              {Path: []string{consumerID(0x0c), sampleID(0xc3)}},
	"tenant/list-verified-attributes":   {Path: []string{consumerID(0x0b)}},
	"tenant/list-verifiers":             {Path: []string{consumerID(0x0b), sampleID(0xc3)}},
	"tenant/list":                       {Query: "IPACode=c_001"},
	"tenant/revoke-certified-attribute": {Path: []string{consumerID(0x03), sampleID(0xc1)}},
	"tenant/revoke-declared-attribute":  {By: consumerID(0x03), Path: []string{consumerID(0x03), sampleID(0xc2)}},
	"tenant/revoke-verified-attribute":  {Path: []string{consumerID(0x0b), sampleID(0xc3)}, Query: "agreementId=" + sampleID(0xab)},
	"tenant/verify-attribute": {
		Path: []string{consumerID(0x0a)},
		Body: `{"id": "` + sampleID(0xc3) + `", "agreementId": "` + sampleID(0xaa) +
			`", "expirationDate": "2099-12-31T23:59:59Z"}`,
	},

	"user/delete": {Path: []string{sampleID(0xb2)}},
	"user/get":    {Path: []string{sampleID(0xb1)}},
	"user/list":   {Query: "roles=admin,security&offset=0&limit=20"},
	"user/register": {
		Path: []string{sampleID(0xb1)},
		Body: `{"name": "Anna", "familyName": "Rossi", "roles": ["admin"]}`,
	},

	"voucher/discovery": {},
	"voucher/issue": {
		Body: `client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&grant_type=cl` +
			`ient_credentials&client_assertion=<assertion>`,
	},
	"voucher/jwks":     {},
	"voucher/metadata": {},
	"voucher/validate": {
		By: consumerID(0x2f),
		Body: `client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&grant_type=cl` +
			`ient_credentials&client_assertion=<assertion>`,
	},
}
