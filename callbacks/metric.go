package callbacks

import "slices"

// Metric describes one number worth watching, under the name that this package's Counters
// use and that an adapter to another system should keep.
type Metric struct {
	Name   string
	Help   string
	Labels []string // each with few values: never an id of a reservation
}

// The names of the metrics; all are counters that only grow.
const (
	MetricAccepted     = "lockerline_callbacks_accepted_total"
	MetricRefused      = "lockerline_callbacks_refused_total"
	MetricRepaired     = "lockerline_callbacks_repaired_total"
	MetricOverdue      = "lockerline_callbacks_overdue_total"
	MetricBytes        = "lockerline_callbacks_received_bytes_total"
	MetricStoreSeconds = "lockerline_callbacks_store_seconds_total"
	MetricTotalSeconds = "lockerline_callbacks_answer_seconds_total"
)

var metrics = []Metric{
	{MetricAccepted, "Callbacks acknowledged, by what the sink did with them.", []string{"feed", "outcome", "credential"}},
	{MetricRefused, "Requests not acknowledged, by reason.", []string{"feed", "reason", "credential"}},
	{MetricRepaired, "Acknowledged bodies that had to be mended to be read.", []string{"feed"}},
	{MetricOverdue, "Deliveries stored after their request was answered 503.", []string{"feed"}},
	{MetricBytes, "Bytes of acknowledged bodies.", []string{"feed"}},
	{MetricStoreSeconds, "Seconds that the sink took for acknowledged callbacks.", []string{"feed"}},
	{MetricTotalSeconds, "Seconds until the answer of acknowledged callbacks.", []string{"feed"}},
}

// Metrics is the table of all metrics. A rise of "expired_credential" or of an old name in
// the label credential says who still has to change a secret.
func Metrics() []Metric {
	list := slices.Clone(metrics)
	for i := range list {
		list[i].Labels = slices.Clone(list[i].Labels)
	}
	return list
}
