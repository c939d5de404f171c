import "./htmx";
import "./keys";
import "./live";
import "./token";
import "./load";
import "./many";
import "./phrases";
