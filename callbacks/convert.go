package callbacks

// convert checks what was read and applies what the sender means by it.
func (d decoder) convert(w *wire) (ReservationChange, error) {
	var c ReservationChange
	var p problems
	c.ReservationID = p.required("reservationId", &w.ReservationID)
	if p.first != nil && w.CustomerInput != nil && w.ReservationID.state == absent {
		p.first.Reason = "is missing; this looks like the validation webhook, which waits for a verdict and needs an endpoint of its own"
	}
	c.Status = Status(p.required("status", &w.Status))
	changed := d.instant(&w.ChangeTime)
	p.check("changeTime", changed.member)
	c.ChangeTime = changed.value
	c.FlowType = text[FlowType](&p, "flowType", &w.FlowType)
	c.Barcodes = optional(&p, "barcodes", w.Barcodes.member, w.Barcodes.value)
	c.DocNumber = text[string](&p, "docNumber", &w.DocNumber)
	c.Blocked = optional(&p, "blocked", w.Blocked.member, w.Blocked.value)
	c.ErrorState = errorState(text[ErrorState](&p, "errorState", &w.ErrorState))
	start, end := d.instant(&w.StartReservationDate), d.instant(&w.ExpirationDate)
	c.StartReservationDate = optional(&p, "startReservationDate", start.member, start.value)
	c.ExpirationDate = optional(&p, "expirationDate", end.member, end.value)
	if p.first != nil {
		return ReservationChange{}, p.first
	}
	return c, nil
}

// problems keeps the first fault, in the order in which the vendor page lists the members.
type problems struct{ first *BodyError }

func (p *problems) add(field, reason string) {
	if p.first == nil {
		p.first = &BodyError{Field: field, Reason: reason}
	}
}

func (p *problems) check(field string, m member) {
	switch {
	case m.fault != "":
		p.add(field, m.fault)
	case m.state == absent:
		p.add(field, "is missing")
	case m.state == null:
		p.add(field, "is null")
	}
}

func (p *problems) required(field string, f *textField) string {
	p.check(field, f.member)
	if f.state == present && f.value == "" {
		p.add(field, "is empty")
	}
	return f.value
}

func optional[T any](p *problems, field string, m member, value T) Optional[T] {
	if m.fault != "" {
		p.add(field, m.fault)
	}
	return Optional[T]{value: value, state: m.state}
}

func text[T ~string](p *problems, field string, f *textField) Optional[T] {
	return optional(p, field, f.member, T(f.value))
}

// errorState reads the text "null" as null: the page warns twice that it is not sent, so
// somebody has met it.
func errorState(o Optional[ErrorState]) Optional[ErrorState] {
	if v, ok := o.Get(); ok && (v == "" || v == "null") {
		return Null[ErrorState]()
	}
	return o
}
