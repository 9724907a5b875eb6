package dev.meshdx.configuration;

import dev.meshdx.model.Json;
import dev.meshdx.model.Origin;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;

/**
 * A view of a resource that has names for what matters in it, and {@link #raw()} for everything else. A view never fails: a
 * field that is missing or has an impossible value reads as its default, and what is wrong with it is the analysis' business.
 * Immutable; safe for use by several threads.
 */
public interface TypedResource {
    /** The resource itself. */
    Resource resource();

    /** Its name. */
    default String name() {
        return resource().name();
    }

    /** Its namespace; empty where a manifest names none. */
    default String namespace() {
        return resource().namespace();
    }

    /** Kind, namespace and name. */
    default ResourceRef ref() {
        return resource().ref();
    }

    /** Where it stands, where it comes from a file. */
    default Origin origin() {
        return resource().origin();
    }

    /** The whole document. */
    default Json raw() {
        return resource().raw();
    }
}
