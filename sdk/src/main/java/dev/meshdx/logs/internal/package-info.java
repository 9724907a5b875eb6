/** How the logs step parses and judges. Not part of the API. */
@NullMarked
package dev.meshdx.logs.internal;

import org.jspecify.annotations.NullMarked;
