// Package watermill forwards an inbox to a broker, by any of Watermill's publishers:
// Kafka, JetStream, AMQP, Redis and more.
//
//	err := watermill.Forward(ctx, box, callbacks.Reservations(), publisher, "reservations")
//
// The callback is acknowledged to its sender when it is in the inbox, whether or not the
// broker is up. From there it is published at least once, and those of a group one after
// the other in the order of their changes: the next one waits until the broker has taken
// the one before, for as long as that takes.
//
// A message's UUID is the key of the callback, equal whenever it is published again, so
// that a broker or a consumer that remembers UUIDs drops repeats. Brokers that keep order
// within a partition need to be told to choose it by the group: see [PartitionKey].
package watermill
