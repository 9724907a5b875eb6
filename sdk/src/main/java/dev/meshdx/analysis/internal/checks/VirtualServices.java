package dev.meshdx.analysis.internal.checks;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import java.util.ArrayList;
import java.util.List;

/** Walks through VirtualServices. */
public final class VirtualServices {
    private VirtualServices() {}

    /**
     * Where a VirtualService sends traffic.
     *
     * @param field the destination
     * @param mirror whether it gets a copy only
     */
    public record Destination(Field field, boolean mirror) {
        public Field host() {
            return field.at("host");
        }

        public Field subset() {
            return field.at("subset");
        }

        public Field port() {
            return field.at("port", "number");
        }
    }

    /** All destinations, in the order of the document; a route that names none counts as one without a host. */
    public static List<Destination> destinations(Resource virtualService) {
        List<Destination> destinations = new ArrayList<>();
        Field spec = Field.spec(virtualService);
        for (String protocol : List.of("tcp", "tls", "http")) {
            for (Field route : spec.at(protocol).items()) {
                for (Field split : route.at("route").items()) {
                    destinations.add(new Destination(split.at("destination"), false));
                }
                if (route.at("mirror").exists()) {
                    destinations.add(new Destination(route.at("mirror"), true));
                }
                for (Field mirror : route.at("mirrors").items()) {
                    destinations.add(new Destination(mirror.at("destination"), true));
                }
            }
        }
        return destinations;
    }
}
