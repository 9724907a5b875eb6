package dev.meshdx.health;

/**
 * A name that stands for a revision of the control plane in the labels of namespaces and pods. Source: Istio, "Canary Upgrades",
 * stable revision labels.
 *
 * @param tag the name
 * @param revision what it stands for
 * @param configuration the MutatingWebhookConfiguration that makes it so
 * @param istiods how many istiods of that revision there are
 */
public record RevisionTag(String tag, String revision, String configuration, int istiods)
        implements Comparable<RevisionTag> {
    @Override
    public int compareTo(RevisionTag other) {
        return tag.compareTo(other.tag);
    }

    /** {@code prod → 1-30 (2 istiods)}. */
    @Override
    public String toString() {
        return tag + " → " + revision + " (" + istiods + (istiods == 1 ? " istiod)" : " istiods)");
    }
}
