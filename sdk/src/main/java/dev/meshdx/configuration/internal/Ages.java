package dev.meshdx.configuration.internal;

import dev.meshdx.model.Resource;
import java.time.Instant;
import java.util.Comparator;

/** Which of several resources counts, where istiod takes the oldest. Source: istio/istio, {@code sortConfigByCreationTime}. */
public final class Ages {
    /** By age; of the same age by name, then by namespace. One whose age is not known comes last. */
    public static final Comparator<Resource> OLDEST_FIRST = Comparator.comparing(
                    (Resource resource) -> resource.createdAt().orElse(Instant.MAX))
            .thenComparing(Resource::name)
            .thenComparing(Resource::namespace);

    private Ages() {}
}
