package dev.meshdx.envoy;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A cluster's name, taken apart.
 *
 * <p>Istio names clusters {@code direction|port|subset|host}, and {@code outbound_.port_.subset_.host} where the name must
 * also serve as a TLS server name (gateways between networks). Every other name is kept whole. Source: Istio,
 * {@code pilot/pkg/model/context.go}, {@code ParseSubsetKey}.
 *
 * @param full the whole name
 * @param direction {@link TrafficDirection#NONE} for names of another form
 * @param port the port: of the service for outbound, of the workload for inbound; 0 where the name has none
 * @param subset empty for the whole service; for a waypoint's clusters the kind of traffic ({@code http}, {@code tcp})
 * @param host the service's host; empty for inbound clusters; the whole name where it has another form
 * @param serverNameForm whether it is written with {@code _.}
 */
public record ClusterName(
        String full, TrafficDirection direction, int port, String subset, String host, boolean serverNameForm) {
    private static final Pattern SERVER_NAME_FORM = Pattern.compile("(outbound|inbound)_\\.(\\d+)_\\.(.*?)_\\.(.+)");

    /** Takes a name apart. */
    public static ClusterName parse(String name) {
        String[] parts = name.split("\\|", 4);
        if (parts.length == 4) {
            return new ClusterName(name, TrafficDirection.of(parts[0]), number(parts[1]), parts[2], parts[3], false);
        }
        Matcher form = SERVER_NAME_FORM.matcher(name);
        if (form.matches()) {
            return new ClusterName(
                    name,
                    TrafficDirection.of(form.group(1)),
                    number(form.group(2)),
                    form.group(3),
                    form.group(4),
                    true);
        }
        return new ClusterName(name, TrafficDirection.NONE, 0, "", name, false);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Whether the name has Istio's four parts. */
    public boolean isStructured() {
        return direction != TrafficDirection.NONE;
    }

    @Override
    public String toString() {
        return full;
    }
}
