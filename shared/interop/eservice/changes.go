package eservice

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
)

// editDraft changes the data of an e-service that was never published.
func editDraft(edit func(*Data)) decision {
	return func(before snapshot) (outcome, error) {
		if before.isPublic() {
			return outcome{}, problem.New(interop.EServiceNotInDraftState,
				"EService %s has descriptors that are not drafts; change its name, description or flags one by one.", before.EService.ID)
		}
		after := before.withData(edit)
		return outcome{Catalogue: after}, after.EService.settleFlags()
	}
}

// editPublished changes the data of an e-service that was published.
func editPublished(edit func(*Data)) decision {
	return func(before snapshot) (outcome, error) {
		if !before.hasState(liveStates...) {
			return outcome{}, problem.New(interop.EServiceWithoutDescriptor,
				"EService %s has no descriptor that is published, suspended or deprecated.", before.EService.ID)
		}
		after := before.withData(edit)
		if isTrue(after.EService.ClientAccessDelegable) && !isTrue(after.EService.ConsumerDelegable) {
			return outcome{}, contradictingFlags()
		}
		return outcome{Catalogue: after}, nil
	}
}

// rename changes the name of an e-service that was published. As published, the same
// name is refused before the producer is checked.
func rename(name string) decision {
	return func(before snapshot) (outcome, error) {
		if before.EService.Name == name {
			return outcome{}, problem.New(interop.UnchangedName, "EService %s has this name already. Send another one.", before.EService.ID)
		}
		return byProducer(editPublished(func(d *Data) { d.Name = name }))(before)
	}
}

// setDescription changes the description of an e-service that was published.
func setDescription(description string) decision {
	return func(before snapshot) (outcome, error) {
		after, err := editPublished(func(d *Data) { d.Description = description })(before)
		if err == nil && before.EService.Description == description {
			err = problem.New(interop.UnchangedDescription, "EService %s has this description already. Send another one.", before.EService.ID)
		}
		return after, err
	}
}

// setPersonalData sets the personal data flag, once: consumers rely on it.
func setPersonalData(flag bool) decision {
	return func(before snapshot) (outcome, error) {
		after, err := editPublished(func(d *Data) { d.PersonalData = &flag })(before)
		if err == nil && before.EService.PersonalData != nil {
			err = problem.New(interop.PersonalDataSet, "EService %s has its personal data flag already.", before.EService.ID)
		}
		return after, err
	}
}

// settleFlags refuses flags of a draft that contradict each other. Where
// isConsumerDelegable is absent or false, it makes isClientAccessDelegable the same
// (PDND, catalogue).
func (e *EService) settleFlags() error {
	switch consumer := e.ConsumerDelegable; {
	case consumer == nil:
		e.ClientAccessDelegable = nil
	case !*consumer && isTrue(e.ClientAccessDelegable):
		return contradictingFlags()
	case !*consumer:
		e.ClientAccessDelegable = consumer
	}
	return nil
}

func contradictingFlags() error {
	return problem.New(interop.InvalidEServiceFlags,
		"isClientAccessDelegable is true while isConsumerDelegable is not. "+
			"Set isConsumerDelegable to true, or isClientAccessDelegable to false.")
}

func isTrue(flag *bool) bool { return flag != nil && *flag }

// remove deletes an e-service that was never published.
func remove(before snapshot) (outcome, error) {
	if before.isPublic() {
		return outcome{}, problem.New(interop.EServiceNotDeletable,
			"EService %s has descriptors that are not drafts, so it cannot be deleted.", before.EService.ID)
	}
	return outcome{}, nil
}
