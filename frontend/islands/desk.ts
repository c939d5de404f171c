import "./htmx";
import "./keys";
import "./live";
import "./token";
import "./many";
