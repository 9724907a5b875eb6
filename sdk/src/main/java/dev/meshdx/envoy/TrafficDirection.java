package dev.meshdx.envoy;

/** The direction that Istio writes into a cluster's name. Source: Istio, {@code pilot/pkg/model/context.go}. */
public enum TrafficDirection {
    /** From the workload to others. */
    OUTBOUND("outbound"),
    /** From others to the workload. */
    INBOUND("inbound"),
    /** From others to a service behind a waypoint. */
    INBOUND_VIP("inbound-vip"),
    /** The name carries no direction: {@code PassthroughCluster}, {@code xds-grpc}. */
    NONE("");

    private final String text;

    TrafficDirection(String text) {
        this.text = text;
    }

    /** The direction of that name; {@link #NONE} for every other text. */
    static TrafficDirection of(String text) {
        for (TrafficDirection direction : values()) {
            if (direction.text.equals(text)) {
                return direction;
            }
        }
        return NONE;
    }

    /** As in cluster names; {@code -} for none. */
    @Override
    public String toString() {
        return text.isEmpty() ? "-" : text;
    }
}
