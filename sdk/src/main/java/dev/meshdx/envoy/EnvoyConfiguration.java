package dev.meshdx.envoy;

import java.time.Instant;

/**
 * What one Envoy was told, wherever it is looked at: in a running proxy ({@link EnvoyProxy}), in a recorded document, a file or a
 * stream ({@link ConfigDump}). Both answer the same questions with the same types.
 */
public sealed interface EnvoyConfiguration permits ConfigDump, EnvoyProxy {
    /** The clusters: those in use, those that wait, those that were refused. */
    Clusters clusters();

    /** The listeners; one that is both in use and being replaced is there twice, with different states. */
    Listeners listeners();

    /** The route configurations. */
    Routes routes();

    /** The hosts of the clusters. */
    Endpoints endpoints();

    /**
     * The secrets.
     *
     * @param at the time at which validity is judged
     */
    Secrets secrets(Instant at);

    /** The filters that are delivered by themselves (ECDS). */
    Extensions extensions();

    /** What the proxy was started with. */
    Bootstrap bootstrap();
}
