package sample

// servicesExamples are the examples of the services product, by operation.
var servicesExamples = map[string]Example{
	"service/allowed-actions": {Path: []string{ServiceID(3)}},
	"service/approve":         {Path: []string{ServiceID(2)}},
	"service/check":           {Path: []string{ServiceID(1)}},
	"service/create": {
		Body: `{"name": "Servizi demografici", "description": "Certificati anagrafici", ` +
			`"organization": {"name": "Comune", "fiscal_code": "12345678901"}, "metadata": {"scope": "LOCAL", ` +
			`"topic_id": 11, "privacy_url": "https://example.it/privacy", "email": "ufficio@example.it"}}`,
	},
	"service/delete":         {Path: []string{ServiceID(4)}},
	"service/get-logo":       {Path: []string{ServiceID(1)}},
	"service/get-review":     {Path: []string{ServiceID(2)}},
	"service/get-release":    {Path: []string{ServiceID(3)}},
	"service/get":            {Path: []string{ServiceID(1)}},
	"service/history":        {Path: []string{ServiceID(1)}, Query: "order=DESC&limit=10"},
	"service/info":           {},
	"service/keys":           {Path: []string{ServiceID(1)}},
	"service/list-reviews":   {Query: "limit=20&offset=0"},
	"service/list":           {Query: "limit=20&offset=0"},
	"service/regenerate-key": {Path: []string{ServiceID(1), "secondary"}},
	"service/reject":         {Path: []string{ServiceID(2)}, Body: `{"reason": "La descrizione non basta.", "code": "INVALID_FIELDS"}`},
	"service/release":        {Path: []string{ServiceID(3)}},
	"service/review":         {Path: []string{ServiceID(1)}, Body: `{"auto_publish": true}`},
	"service/topics":         {},
	"service/unpublish":      {Path: []string{ServiceID(3)}},
	"service/update-logo": {
		Path: []string{ServiceID(1)},
		Body: `{"logo": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="}`,
	},
	"service/update": {
		Path: []string{ServiceID(1)},
		Body: `{"name": "Anagrafe", "description": "Certificati e cambi di residenza", ` +
			`"organization": {"name": "Comune", "fiscal_code": "12345678901"}, "metadata": {"scope": "LOCAL", ` +
			`"topic_id": 11, "privacy_url": "https://example.it/privacy", "email": "ufficio@example.it"}}`,
	},
	"service/withdraw": {Path: []string{ServiceID(2)}},

	"subscriptions/list": {Query: "limit=20&offset=0"},
}
