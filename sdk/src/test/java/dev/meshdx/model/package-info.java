@NullMarked
package dev.meshdx.model;

import org.jspecify.annotations.NullMarked;
