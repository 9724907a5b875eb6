package dev.meshdx.analysis.internal.configuration;

import dev.meshdx.check.Check;
import dev.meshdx.model.ResourceKind;
import java.util.Set;

/** A rule about the configuration. Declares the kinds that it reads, so that a run reads their union, once, and no more. */
public interface ConfigurationCheck extends Check<Configuration> {
    /** The kinds that it reads. Without one of them it does not run. */
    Set<ResourceKind> inputs();
}
