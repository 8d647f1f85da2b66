package callbackstest

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Faults says how often something goes wrong: each is the share of messages, from 0 to 1,
// to which it happens. All but Reorder, Duplicate and Twice happen on the first try, so
// that the next one can succeed.
type Faults struct {
	// Reorder sends a message after the next one of its group.
	Reorder float64
	// Duplicate sends an acknowledged message once more right after, as if the answer had
	// been lost.
	Duplicate float64
	// Twice sends a message on two connections at once.
	Twice float64
	// SlowBody lets the body trickle in over SlowFor.
	SlowBody float64
	// SlowFor is how long a slow body takes; default 200 ms.
	SlowFor time.Duration
	// CutBody announces the whole body, sends half of it and breaks off.
	CutBody float64
	// HangUp sends all and closes the connection without waiting for the answer.
	HangUp float64
}

func (f Faults) check() error {
	shares := []struct {
		name  string
		share float64
	}{
		{"Reorder", f.Reorder},
		{"Duplicate", f.Duplicate},
		{"Twice", f.Twice},
		{"SlowBody", f.SlowBody},
		{"CutBody", f.CutBody},
		{"HangUp", f.HangUp},
	}
	for _, s := range shares {
		if !(s.share >= 0 && s.share <= 1) {
			return fmt.Errorf("the share %s is %v; give 0 to 1", s.name, s.share)
		}
	}
	if f.SlowFor < 0 {
		return fmt.Errorf("SlowFor is %v; give a positive duration", f.SlowFor)
	}
	return nil
}

// plan is the way of one message, decided before the first is sent.
type plan struct {
	index                     int
	message                   Message
	reorder, duplicate, twice bool
	slow, cut, hangUp         bool
	reordered                 bool
}

// plans decides for each message on its own, so that neither the number of messages nor
// the connections change what happens to one.
func (s *Sender) plans(messages []Message) []*plan {
	list := make([]*plan, len(messages))
	for i, m := range messages {
		r := rand.New(rand.NewPCG(s.seed, uint64(i)))
		happens := func(share float64) bool { return r.Float64() < share }
		list[i] = &plan{
			index: i, message: m,
			reorder: happens(s.faults.Reorder), duplicate: happens(s.faults.Duplicate), twice: happens(s.faults.Twice),
			slow: happens(s.faults.SlowBody), cut: happens(s.faults.CutBody), hangUp: happens(s.faults.HangUp),
		}
	}
	return list
}

// groups returns the messages of each group in the order of sending; groups come in the order
// of their first message.
func groups(list []*plan) [][]*plan {
	var order []string
	byGroup := map[string][]*plan{}
	for _, p := range list {
		if _, ok := byGroup[p.message.Group]; !ok {
			order = append(order, p.message.Group)
		}
		byGroup[p.message.Group] = append(byGroup[p.message.Group], p)
	}
	result := make([][]*plan, len(order))
	for i, name := range order {
		result[i] = reorder(byGroup[name])
	}
	return result
}

func reorder(group []*plan) []*plan {
	for i := 0; i+1 < len(group); i++ {
		if group[i].reorder {
			group[i].reordered = true
			group[i], group[i+1] = group[i+1], group[i]
			i++
		}
	}
	return group
}
