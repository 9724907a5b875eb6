package dev.meshdx.examples;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A check of one's own: every Service says who owns it. */
// #region check
public final class OwnerLabelCheck implements ConfigurationCheck {
    static final FindingCode NO_OWNER =
            new FindingCode("ACME0001", "NoOwner", Severity.WARNING, "A Service does not say who owns it.");

    @Override
    public List<FindingCode> codes() {
        return List.of(NO_OWNER);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(ResourceKind.SERVICE); // no other kind is read for it
    }

    @Override
    public void run(Configuration mesh, Consumer<Finding> report) {
        mesh.all(ResourceKind.SERVICE).stream()
                .filter(service -> service.label("owner").isEmpty())
                .forEach(service ->
                        report.accept(mesh.finding(NO_OWNER, service, Field.in(service, "metadata", "labels"))
                                .message("Service " + service.name() + " has no label owner.")
                                .remedy("kubectl label service " + service.name() + " owner=TEAM")
                                .build()));
    }
}
// #endregion
