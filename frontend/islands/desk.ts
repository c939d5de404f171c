import "./htmx";
import "./keys";
import "./live";
