package dev.meshdx.configuration;

import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceRef;

/**
 * A resource that applies to something, or would if another one did not come before it.
 *
 * @param aspect in which respect
 * @param resource the resource
 * @param inForce whether it has an effect; what is meant but overruled is listed too
 * @param effect what it does, in a few words
 * @param because how it comes to apply, or what comes before it
 */
public record Applied(Aspect aspect, Resource resource, boolean inForce, String effect, String because) {
    /** Kind, namespace and name. */
    public ResourceRef ref() {
        return resource.ref();
    }

    /** One line. */
    @Override
    public String toString() {
        return aspect + ": " + ref() + (inForce ? " " : " NOT IN FORCE ") + effect + " (" + because + ")";
    }
}
