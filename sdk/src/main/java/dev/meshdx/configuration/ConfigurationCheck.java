package dev.meshdx.configuration;

import dev.meshdx.check.Check;
import dev.meshdx.model.ResourceKind;
import java.util.Set;

/**
 * A rule about the configuration. Declares the kinds that it reads, so that a run reads their union, once, and no more.
 *
 * <p>To add one of your own, implement this interface and hand it to {@code AnalysisOptions.with(…)}, or name the class in
 * {@code META-INF/services/dev.meshdx.configuration.ConfigurationCheck} to have it run in every analysis and diagnosis.
 * Give it a code of your own, such as {@code ACME0001}. What it throws costs its own findings and no others: the result says
 * that it failed. It needs a public constructor without parameters where it is a service, and no state.
 */
public interface ConfigurationCheck extends Check<Configuration> {
    /** The kinds that it reads. Without one of them it does not run. */
    Set<ResourceKind> inputs();

    /**
     * Whether it runs only where one of its codes is asked for by name: for rules that are a matter of taste. No by default.
     */
    default boolean onRequest() {
        return false;
    }
}
