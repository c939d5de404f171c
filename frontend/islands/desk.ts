import "./htmx";
import "./keys";
import "./live";
import "./token";
import "./designer";
import "./load";
import "./many";
import "./phrases";
