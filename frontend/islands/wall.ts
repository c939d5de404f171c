import "./htmx";
import "./live";
