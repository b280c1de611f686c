package main

// goal is a figure that the product must reach; docs/performance.md lists them with what
// was measured.
type goal struct {
	name  string
	unit  string
	limit limit
}

var (
	goalInit        = &goal{"init ÷ a bare function's", "", atMost(1.3).withBar(1.5)}
	goalInitSigning = &goal{"init ÷ a bare function's, functions that sign", "", atMost(1.6)}

	goalCold      = &goal{"init + first request over TLS, 512 MB", " ms", atMost(10)}
	goalColdPeers = &goal{"init + first request over TLS ÷ the quickest peer's", "", atMost(1)}

	goalListUnits = &goal{"warm page of a list: read units beyond its items'", "", atMost(3)}
	goalListFlat  = &goal{"warm page of a list: read units at 100,000 entries ÷ at 100", "", atMost(1)}

	goalVoucherTrips = &goal{"voucher: trips before the answer", "", atMost(2)}
	goalVoucherUnits = &goal{"voucher: write units", "", atMost(1)}
	goalVoucherDPoP  = &goal{"voucher with DPoP: write units", "", atMost(3)}
	goalVoucherItems = &goal{"voucher: items shared by vouchers of one client", "", atMost(0)}
	goalVoucherKMS   = &goal{"voucher: calls of KMS on the path", "", atMost(0)}
	goalVoucherRate  = &goal{"vouchers of one client, refused of 500", "", atMost(0)}

	goalTransitions = &goal{"transitions of agreements and purposes: write units ÷ before", "", atMost(0.7)}
	goalAgreements  = &goal{"transitions of agreements: trips", "", atMost(3)}

	goalPurge = &goal{"purge ÷ raw batch deletes", "", atLeast(0.8)}

	goalEngineOpen  = &goal{"embedded engine: 1 M items open", " s", atMost(2)}
	goalEnginePurge = &goal{"embedded engine: purge of 1 M rows", " s", atMost(60)}

	goalMonth       = &goal{"a month at PDND's size, a KMS signature for each voucher", " $", atMost(550)}
	goalMonthMemory = &goal{"a month at PDND's size, the key in memory", " $", atMost(310)}

	goalTime = &goal{"make bench", " s", atMost(180)}
)

var goals = []*goal{
	goalInit, goalInitSigning, goalCold, goalColdPeers, goalListUnits, goalListFlat,
	goalVoucherTrips, goalVoucherUnits, goalVoucherDPoP, goalVoucherItems, goalVoucherKMS, goalVoucherRate,
	goalTransitions, goalAgreements, goalPurge, goalEngineOpen, goalEnginePurge, goalMonth, goalMonthMemory, goalTime,
}
