package dev.meshdx.envoy;

import java.util.List;
import java.util.OptionalLong;

/** The hosts of a cluster in one place and of one priority. Immutable. */
public final class EndpointGroup {
    private final int priority;
    private final Locality locality;
    private final List<Endpoint> endpoints;

    EndpointGroup(int priority, Locality locality, List<Endpoint> endpoints) {
        this.priority = priority;
        this.locality = locality;
        this.endpoints = List.copyOf(endpoints);
    }

    /** 0 is used first. */
    public int priority() {
        return priority;
    }

    /** Where they are. */
    public Locality locality() {
        return locality;
    }

    /** The weight of the place; see {@link Endpoint#localityWeight()}. */
    public OptionalLong weight() {
        return endpoints.isEmpty() ? OptionalLong.empty() : endpoints.get(0).localityWeight();
    }

    /** The hosts. */
    public List<Endpoint> endpoints() {
        return endpoints;
    }

    /** How many of them may get requests, the degraded ones too. */
    public int usable() {
        return (int) endpoints.stream().filter(Endpoint::isUsable).count();
    }

    /** One line. */
    @Override
    public String toString() {
        String place = locality.toString();
        return "priority " + priority + (place.isEmpty() ? "" : " " + place) + ": " + usable() + " of "
                + endpoints.size() + " usable";
    }
}
