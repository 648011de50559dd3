/** Written from the document of the API, `/openapi.json`. */

export interface paths {
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs in */
        post: operations["postApiV1AuthLogin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Renews a session
         * @description Each refresh token is good once. With a `retry_key` of its own, a refresh whose answer was lost may be repeated.
         */
        post: operations["postApiV1AuthRefresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs out */
        post: operations["postApiV1AuthLogout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows how the server is
         * @description Degraded, it works on without something, more slowly: still 200.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists tasks, in the order of their posting */
        get: operations["getApiV1Tasks"];
        put?: never;
        /**
         * Creates a task
         * @description A repeat with the same id, or without one and with the same `Idempotency-Key`, answers with the task as it stands; with other content it is refused. Texts that would be an attack where they are not encoded are stored as they are and named in `warnings`.
         */
        post: operations["postApiV1Tasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows a task
         * @description With the `ETag` of an earlier answer in `If-None-Match`: 304 where nothing has changed.
         */
        get: operations["getApiV1TasksById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancels a task
         * @description Again, or by two at once, it is the same answer. A task that has ended otherwise is refused.
         */
        post: operations["postApiV1TasksByIdCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Streams the events of a task
         * @description Server-sent events from the creation of the task on, or from behind the `Last-Event-ID` of an earlier stream: none is missed over a break, whichever process answers. The stream ends after the event of a final status (a repeat then answers 204, at which browsers stop), and after ten minutes, when a client comes again with its token.
         */
        get: operations["getApiV1TasksByIdEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Opens a WebSocket for the events of tasks; its first message brings a token with task:read
         * @description The token comes in the first message, `{"type":"authenticate","token":"..."}`, or as the subprotocol `bearer.<token>` beside `golden-arch`. Then `{"type":"subscribe"}` for all tasks that the caller may see, from now on, or with a `task_id` for one from its creation on; with the `cursor` of an earlier event in `after`, from behind that one: none is missed. Closed with 4000 after ten minutes, 4400 for a message that is none, 4401 without a good token, 4403 without the permission, 4408 for a client that takes nothing, 4429 for too much at once, 1001 or 1013 where another server or a later try may do.
         */
        get: operations["getApiV1Ws"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/budget/request": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Holds tokens, and money, before a call to a model
         * @description A denial is an answer and no failure: nothing went wrong, trying again at once would not help, and a client that repeats failures by itself must not repeat it. So it is a 200 that says which budget lacks room, and until when. The same request again gets the same hold; a denial is not remembered. A hold is known by its id to the caller who made it alone: another may use the same id for another hold.
         */
        post: operations["postApiV1BudgetRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/budget/commit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Charges what a call used and gives the rest of its hold back
         * @description Usage beyond the hold, and usage that comes after the hold has ended, is charged too. A hold is settled by the caller who made it, or with `held_by` by those who may manage budgets. The holds of agents at work are theirs alone.
         */
        post: operations["postApiV1BudgetCommit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/budget/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Gives a hold back: the call was certainly never sent
         * @description A hold is settled by the caller who made it, or with `held_by` by those who may manage budgets. The holds of agents at work are theirs alone.
         */
        post: operations["postApiV1BudgetRelease"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/budget/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the limits and counters of a budget */
        get: operations["getApiV1BudgetState"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/budget/forecast": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells when the limits of a budget are reached at the rate of late */
        get: operations["getApiV1BudgetForecast"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/budget/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the limits of all projects that have a budget of their own */
        get: operations["getApiV1BudgetLimits"];
        /**
         * Creates a budget or changes its limits
         * @description Of a project, a task or an agent; what is left out stays as it is. The limit of a whole tenant is what the platform grants it: it takes system:manage, and a caller of the home tenant, who sets those of other tenants too.
         */
        put: operations["putApiV1BudgetLimits"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/budget/children": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the budgets right below the tenant or a project, the newest first
         * @description Without a project: those of projects. With one: those of its tasks and agents.
         */
        get: operations["getApiV1BudgetChildren"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}/work": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows what was done for a task: steps, calls and fixes
         * @description Of each, 1000 at most. Calls to models are told with what they were charged.
         */
        get: operations["getApiV1TasksByIdWork"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tells what happened of late: tasks, spend, and how well it went
         * @description In 48 stretches of time, the last of which holds now. Of the latest 20000 tasks and movements of budgets.
         */
        get: operations["getApiV1Activity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dlq": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists dead letters, the latest first, without their payloads */
        get: operations["getApiV1Dlq"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dlq/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the kinds of failure that have unresolved dead letters, the one with the latest first */
        get: operations["getApiV1DlqGroups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dlq/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a dead letter, its secrets hidden */
        get: operations["getApiV1DlqById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dlq/{id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Settles a dead letter for good: nothing more is done with it */
        post: operations["postApiV1DlqByIdResolve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dlq/groups/{fingerprint}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Settles open dead letters of one kind, 500 at most */
        post: operations["postApiV1DlqGroupsByFingerprintResolve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dlq/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Publishes dead letters again under the subjects that they came under
         * @description Those of `ids`, or all open ones that fit the filter; `{}` is all. It answers when all are published. One that fails again becomes a new dead letter, whose `redrive_of` is the old one.
         */
        post: operations["postApiV1DlqRedrive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/circuit-breakers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the circuit breakers of all processes, by name
         * @description They belong to the system and to no tenant: all tenants see them, and the home tenant alone gives orders.
         */
        get: operations["getApiV1CircuitBreakers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/circuit-breakers/{name}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows what a circuit became of late, the newest change first
         * @description Of the last 30 days, 200 changes at most. Of one that was not heard of there are none.
         */
        get: operations["getApiV1CircuitBreakersByNameHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/circuit-breakers/{name}/force": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Holds a circuit in a state, in all processes, until it is reset or forced otherwise */
        post: operations["postApiV1CircuitBreakersByNameForce"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/circuit-breakers/{name}/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Closes a circuit in all processes and lifts what holds it */
        post: operations["postApiV1CircuitBreakersByNameReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/circuit-breakers/reset_all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Closes every circuit in all processes and lifts all that holds one */
        post: operations["postApiV1CircuitBreakersResetAll"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts what the tenant has */
        get: operations["getStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows what is in the way of an update of each role’s prompt */
        get: operations["getApiV1GovernanceStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/pending_count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells how many proposals wait for people */
        get: operations["getApiV1GovernancePendingCount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/prompts/{role}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Puts a version of a role’s prompt that was in force before in force again
         * @description Whatever the limits: it uses up none and starts the cooldown. The second within 24 hours freezes the role. With the same `update_id` and facts it is told and not done again.
         */
        post: operations["postApiV1GovernancePromptsByRoleRollback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/freezes/{role}/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets automatic updates of a frozen role go on */
        post: operations["postApiV1GovernanceFreezesByRoleAcknowledge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/proposals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists proposals for prompts, the newest first, with what became of them */
        get: operations["getApiV1GovernanceProposals"];
        put?: never;
        /**
         * Proposes a text for the prompt of a role
         * @description It is put in force at once, waits for people, or is refused (409 `PROMPT_UPDATE_REFUSED`, with the reason), by the rules of the role. With the same `update_id` and facts it is told and not done again.
         */
        post: operations["postApiV1GovernanceProposals"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/proposals/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a proposal with both texts side by side, what the gates say, evaluations and approvals */
        get: operations["getApiV1GovernanceProposalsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/proposals/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approves a proposal; the last approval that is wanted puts it in force
         * @description Never by who proposed it. Given again it is the same answer.
         */
        post: operations["postApiV1GovernanceProposalsByIdApprove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/proposals/{id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Rejects a proposal: one person’s word settles it */
        post: operations["postApiV1GovernanceProposalsByIdReject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/prompts/{role}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the prompt of a role that is in force */
        get: operations["getApiV1GovernancePromptsByRole"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/prompts/{role}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the versions of a role’s prompt without their texts, in the order of their making */
        get: operations["getApiV1GovernancePromptsByRoleVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/prompts/{role}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a version of a role’s prompt */
        get: operations["getApiV1GovernancePromptsByRoleVersionsByVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/prompts/{role}/versions/{version}/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the tasks that a version of a role’s prompt had a part in, the one last at work with it first
         * @description Tasks as posted, by the calls of models for them, their parts and their fixes; 1000 at most, while `counts` is of all. Of a call whose end nobody knows it is not known either which version it was made with.
         */
        get: operations["getApiV1GovernancePromptsByRoleVersionsByVersionTasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/governance/prompts/{role}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the changes of a role’s prompt, those that wait or fell among them, in their order */
        get: operations["getApiV1GovernancePromptsByRoleHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists rounds of review, the one opened last first */
        get: operations["getApiV1Reviews"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reviews/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a round with its votes and its outcome */
        get: operations["getApiV1ReviewsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reviews/{id}/explanation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Explains a round: what each vote changed, the fewest that would have changed the outcome, each one’s power */
        get: operations["getApiV1ReviewsByIdExplanation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reviews/{id}/vote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Casts the caller’s own vote, where the round counts that person among its reviewers
         * @description Until the close another vote takes its place; the same again changes nothing.
         */
        post: operations["postApiV1ReviewsByIdVote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reviews/{id}/override": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets content pass in spite of a veto, by a person’s word */
        post: operations["postApiV1ReviewsByIdOverride"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/escalations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists escalations, in the order in which they were raised */
        get: operations["getApiV1Escalations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/escalations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an escalation */
        get: operations["getApiV1EscalationsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/escalations/{id}/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes an escalation on: it goes on to no further level meanwhile */
        post: operations["postApiV1EscalationsByIdAcknowledge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/escalations/{id}/assign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says who is to settle an escalation; the last word holds */
        post: operations["postApiV1EscalationsByIdAssign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/escalations/{id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Settles an escalation by a person’s word
         * @description Where a task asks, `decision` says what becomes of it: `approve` accepts it as it is, `retry` lets it try again, `reject` and `cancel` end it. Again with the same words it is the same answer.
         */
        post: operations["postApiV1EscalationsByIdResolve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists agents in the order of their registration */
        get: operations["getApiV1Agents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an agent */
        get: operations["getApiV1AgentsById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a disabled agent work again */
        post: operations["postApiV1AgentsByIdEnable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives an agent no more work, and takes from it what it does */
        post: operations["postApiV1AgentsByIdDisable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the audit log, the newest entry first */
        get: operations["getApiV1Audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Verifies the chain of the audit log */
        get: operations["getApiV1AuditVerify"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Exports the audit log as JSON Lines, the oldest entry first */
        get: operations["getApiV1AuditExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows how the work of each service stands, and which keys sign access tokens
         * @description Of all tenants: the work is told to callers of the home tenant alone. Work that waits while nobody has any in hand says that no process of the service lives; what is lost, that one has died of late; what runs longer and longer, that it hangs.
         */
        get: operations["getApiV1System"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What happened of late, in stretches of time of one length. */
        Activity: {
            stretch_ms: number;
            stretches: {
                /** Format: date-time */
                starts_at: string;
                created: number;
                completed: number;
                failed: number;
                cancelled: number;
                /** @description Tasks that had not ended at its end. */
                open: number;
                /** @description Charged in it. */
                tokens: number;
                /** @description Charged in it, each currency by itself. */
                costs: components["schemas"]["Money"][];
            }[];
            /** @description Of the tasks that completed or failed; null where none did. */
            completion_share: number | null;
            /** @description What 95 of 100 rounds of review took at most; null where none was closed. */
            review_p95_ms: number | null;
            /** @description Of the tests that sandboxes ran; null where none did. */
            sandbox_timeout_share: number | null;
        };
        /** @description Who did what, and how it ended. */
        AuditEntry: {
            id: string;
            /** @description Its place in the chain; null until it has one. */
            sequence: string | null;
            /** Format: date-time */
            at: string;
            actor: {
                id: string;
                kind: string;
            };
            request_id: string | null;
            action: string;
            resource: string;
            /** @enum {string} */
            outcome: "allowed" | "denied" | "failed";
            details: {
                [key: string]: unknown;
            };
        };
        /** @description Whether the chain is whole, and where it breaks. */
        AuditVerification: {
            /** @constant */
            ok: true;
            entries: number;
            last_sequence: string | null;
            confirmed_sequence: string | null;
        } | {
            /** @constant */
            ok: false;
            entries: number;
            first_bad_sequence: string | null;
            reason: string;
        };
        BreakerOrder: {
            /** @description How many circuits there are for it. */
            changed: number;
            /** @description As they are now, 100 at most. */
            breakers: components["schemas"]["CircuitBreaker"][];
        };
        BudgetState: {
            /** @enum {string} */
            level: "tenant" | "project" | "task" | "agent";
            scope: {
                project_id: string | null;
                task_id: string | null;
                agent_id: string | null;
            };
            /** @description Tokens; null: counted, not limited. */
            limit: number | null;
            used: number;
            reserved: number;
            /** @description Below 0 where it is overdrawn. */
            available: number | null;
            money: {
                /** @description null: counted, not limited. */
                limit: components["schemas"]["Money"] | null;
                used: components["schemas"]["Money"];
                reserved: components["schemas"]["Money"];
                available: {
                    currency: string;
                    micros: number;
                } | null;
            } | null;
            period: {
                /** @enum {string} */
                kind: "none" | "rolling" | "day" | "week" | "month";
                length_ms: number | null;
                time_zone: string | null;
                /** Format: date-time */
                starts_at: string;
                ends_at: string | null;
            };
            soft_limit_percents: number[];
            forecast: {
                tokens: {
                    /** @description null: not at this rate, or not before the period ends. */
                    exhausts_at: string | null;
                    rate_per_hour: number;
                    /** @enum {string} */
                    basis: "recent" | "period";
                };
                money: {
                    /** @description null: not at this rate, or not before the period ends. */
                    exhausts_at: string | null;
                    rate_per_hour: number;
                    /** @enum {string} */
                    basis: "recent" | "period";
                } | null;
            };
        };
        CircuitBreaker: {
            name: string;
            /** @enum {string} */
            state: "closed" | "open" | "half-open" | "forced-open" | "forced-closed" | "disabled";
            /** @description Failures since the last success. */
            failure_count: number;
            reason: string | null;
            /** @description Milliseconds until a probe may be let through. */
            retry_after_ms: number | null;
            /** @description When it last opened for failures. */
            last_failure_at: string | null;
        };
        /** @description A task as it stands, with what its client is warned of. */
        CreatedTask: {
            id: string;
            project_id: string;
            parent_id: string | null;
            /** @enum {string} */
            kind: "root" | "child" | "remediation";
            title: string;
            /** @enum {string} */
            status: "submitted" | "planning" | "executing" | "reviewing" | "waiting" | "escalated" | "completed" | "failed" | "cancelled";
            status_reason: string | null;
            version: number;
            /** @description How often each step was tried. */
            attempts: {
                [key: string]: number;
            };
            /** @description What is asked for; hidden tests are counted, not shown. */
            input: {
                [key: string]: unknown;
            };
            /** @description What is known of the work so far. */
            evidence: {
                [key: string]: unknown;
            };
            created_by: string | null;
            /** @description When it fails unless it has ended; null: never by itself. */
            deadline_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            warnings: components["schemas"]["TaskWarning"][];
        };
        DeadLetter: {
            /** @description Decimal digits; later ones are greater. */
            id: string;
            /** @enum {string} */
            status: "open" | "redriving" | "redriven" | "resolved";
            source: {
                stream: string;
                sequence: string;
                consumer: string;
            };
            message_id: string | null;
            original_subject: string;
            /** @description The same for failures of one kind. */
            fingerprint: string;
            error: string;
            error_code: string | null;
            attempts: number;
            payload_bytes: number;
            /** @description Its bytes were dropped at the source: it cannot be redriven. */
            is_payload_missing: boolean;
            redrive_count: number;
            /** @description The one from which it was published again before it failed once more. */
            redrive_of: string | null;
            resolved: {
                by: string;
                /** Format: date-time */
                at: string;
                note: string | null;
            } | null;
            /** Format: date-time */
            first_seen_at: string;
            /** Format: date-time */
            last_seen_at: string;
            headers: {
                [key: string]: string[];
            };
            /** @description Without the secrets that are known by name or shape. */
            payload: ({
                /** @constant */
                kind: "json";
                value: unknown;
            } | {
                /** @constant */
                kind: "text";
                value: string;
                is_cut: boolean;
            } | {
                /** @constant */
                kind: "binary";
                sha256: string;
            } | {
                /**
                 * @description It does not name your tenant, and may be of another: for those with dlq:manage.
                 * @constant
                 */
                kind: "withheld";
            }) | null;
            failed_again_as: string[];
        };
        DeadLetterSummary: {
            /** @description Decimal digits; later ones are greater. */
            id: string;
            /** @enum {string} */
            status: "open" | "redriving" | "redriven" | "resolved";
            source: {
                stream: string;
                sequence: string;
                consumer: string;
            };
            message_id: string | null;
            original_subject: string;
            /** @description The same for failures of one kind. */
            fingerprint: string;
            error: string;
            error_code: string | null;
            attempts: number;
            payload_bytes: number;
            /** @description Its bytes were dropped at the source: it cannot be redriven. */
            is_payload_missing: boolean;
            redrive_count: number;
            /** @description The one from which it was published again before it failed once more. */
            redrive_of: string | null;
            resolved: {
                by: string;
                /** Format: date-time */
                at: string;
                note: string | null;
            } | null;
            /** Format: date-time */
            first_seen_at: string;
            /** Format: date-time */
            last_seen_at: string;
        };
        /** @description A failure. */
        Failure: {
            /** @description What went wrong, for programs: stable, in capitals. */
            error_code: string;
            /** @description What went wrong, for people. */
            message: string;
            /** @description What belongs to the code; cut to a few KB. */
            details?: unknown;
            /** @description Also in the header x-request-id, and in the log of the server. */
            request_id: string;
        };
        /** @description How the server is, and each part that it needs. */
        Health: {
            /** @enum {string} */
            status: "healthy" | "degraded" | "unhealthy";
            components: {
                /** @enum {string} */
                api: "healthy" | "unhealthy" | "embedded";
                /** @enum {string} */
                database: "healthy" | "unhealthy" | "embedded";
                /** @enum {string} */
                redis: "healthy" | "unhealthy" | "embedded";
                /** @enum {string} */
                nats: "healthy" | "unhealthy" | "embedded";
            };
        };
        /** @description An exact amount of money. */
        Money: {
            currency: string;
            /** @description Millionths of the unit: 1 USD is 1000000. */
            micros: number;
        };
        /** @description An exact amount of money. */
        MoneyInput: {
            currency: string;
            /** @description Millionths of the unit: 1 USD is 1000000. */
            micros: number;
        };
        Probe: {
            /** @enum {string} */
            status: "healthy" | "unhealthy";
        };
        /** @description What a version of a prompt had a part in. */
        PromptUses: {
            tasks: {
                id: string;
                title: string;
                /** @enum {string} */
                status: "submitted" | "planning" | "executing" | "reviewing" | "waiting" | "escalated" | "completed" | "failed" | "cancelled";
                status_reason: string | null;
                /** @description Calls of models with this version. */
                calls: number;
                /** Format: date-time */
                last_call_at: string;
            }[];
            /** @description Tasks by their status. */
            counts: {
                [key: string]: number;
            };
        };
        Reservation: {
            request_id: string;
            scope: {
                project_id: string | null;
                task_id: string | null;
                agent_id: string | null;
            };
            /** @enum {string} */
            status: "held" | "committed" | "released" | "expired" | "late";
            /** @description Held. */
            tokens: number;
            cost: components["schemas"]["Money"] | null;
            model: string | null;
            ttl_ms: number;
            /** Format: date-time */
            held_at: string;
            /** Format: date-time */
            expires_at: string;
            charged: {
                tokens: number;
                cost: components["schemas"]["Money"] | null;
                /** @enum {string} */
                basis: "actual" | "estimate";
                /** @description Used beyond those held. */
                overrun_tokens: number;
                /** @description Of them, those that were not charged. */
                uncharged_tokens: number;
                /** Format: date-time */
                at: string;
            } | null;
            released_at: string | null;
            expired_at: string | null;
        };
        /** @description How the work of a service stands, in all its processes. */
        ServiceWork: {
            /** @enum {string} */
            service: "orchestrator" | "agent-runtime" | "peer-hub" | "sandbox-executor";
            /** @description What is due and nobody has in hand, 10000 at most. */
            waiting: number;
            /** @description How long the oldest of it has been due; null where nothing waits. */
            oldest_waiting_ms: number | null;
            /** @description Steps in hand, 10000 at most. */
            running: number;
            /** @description How long the longest of them has run; null where none does. */
            longest_running_ms: number | null;
            /** @description Steps of those whose process has not told for its lease that it lives: another takes them. */
            lost: number;
            /** @description Processes that have steps in hand. */
            processes: number;
        };
        /** @description What one is signed in by. */
        Session: {
            /** @description For the header authorization, after the word Bearer. */
            token: string;
            /** @description Good for one refresh, or for signing out. */
            refresh_token: string;
            role: string;
            permissions: string[];
            /** @description Seconds that the token is good for. */
            expires_in: number;
        };
        Stats: {
            tasks: {
                by_status: {
                    [key: string]: number;
                };
            };
            escalations: {
                /** @description Not resolved. */
                open: number;
            };
            dlq: {
                unresolved: number;
            };
            budgets: {
                /** @description Tokens held in the budgets of projects. */
                reserved: number;
                /** @description Tokens used in their present periods. */
                used: number;
                /** @description Of the same budgets, each currency by itself. */
                money: {
                    reserved: components["schemas"]["Money"];
                    used: components["schemas"]["Money"];
                }[];
            };
            breakers: {
                /** @description Of the system: those that let no call pass. */
                open: number;
            };
        };
        /** @description How the system stands, in all its processes. */
        SystemState: {
            version: string;
            /** @description null: told to the home tenant alone. */
            services: components["schemas"]["ServiceWork"][] | null;
            signing_keys: {
                id: string;
                algorithm: string;
                /**
                 * @description active: it signs. previous: what it signed is still accepted. configured: it stands in the configuration.
                 * @enum {string}
                 */
                status: "next" | "active" | "previous" | "retired" | "revoked" | "configured";
                /** @description When it came to be so; null where nobody has written that down. */
                since: string | null;
                /** @description When that ends, where it is known. */
                until: string | null;
            }[];
        };
        /** @description A task as it stands. */
        Task: {
            id: string;
            project_id: string;
            parent_id: string | null;
            /** @enum {string} */
            kind: "root" | "child" | "remediation";
            title: string;
            /** @enum {string} */
            status: "submitted" | "planning" | "executing" | "reviewing" | "waiting" | "escalated" | "completed" | "failed" | "cancelled";
            status_reason: string | null;
            version: number;
            /** @description How often each step was tried. */
            attempts: {
                [key: string]: number;
            };
            /** @description What is asked for; hidden tests are counted, not shown. */
            input: {
                [key: string]: unknown;
            };
            /** @description What is known of the work so far. */
            evidence: {
                [key: string]: unknown;
            };
            created_by: string | null;
            /** @description When it fails unless it has ended; null: never by itself. */
            deadline_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** @description A text that would be an attack where it is not encoded. */
        TaskWarning: {
            /** @enum {string} */
            field: "title" | "description";
            rule: string;
            family: string;
            /** @description Where the text would be a threat. */
            context: string;
            /** @enum {string} */
            severity: "low" | "medium" | "high";
            /** @description The place as it was written, 120 characters at most. */
            evidence: string;
        };
        /** @description What was done for a task, each list the oldest first. */
        TaskWork: {
            steps: {
                /** @description The step and its attempt: generate:2. */
                id: string;
                service: string;
                /** @enum {string} */
                state: "requested" | "running" | "done" | "failed" | "cancelled";
                runs: number;
                /** @description Why the last run failed. */
                error: string | null;
                /** Format: date-time */
                requested_at: string;
                ended_at: string | null;
            }[];
            calls: {
                id: string;
                step: string | null;
                /** @enum {string} */
                state: "intended" | "done" | "uncertain";
                agent_id: string | null;
                /** @description provider/model that was asked. While the call is under way, and where its end is unknown: as price tables name it, null without a price. */
                model: string | null;
                /** @description Charged; held where the call is under way. */
                tokens: number | null;
                /** @description Charged. */
                cost: components["schemas"]["Money"] | null;
                /** Format: date-time */
                started_at: string;
                ended_at: string | null;
            }[];
            fixes: {
                fix: string;
                /** @description That refused the move. */
                guard: string;
                /** @description The move: executing>reviewing. */
                transition: string;
                try: number;
                /** @enum {string} */
                outcome: "started" | "succeeded" | "failed" | "refused";
                remediation_task_id: string | null;
                /** Format: date-time */
                started_at: string;
                ended_at: string | null;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    postApiV1AuthLogin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    username: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    postApiV1AuthRefresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    refresh_token: string;
                    retry_key?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
        };
    };
    postApiV1AuthLogout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    refresh_token: string;
                };
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getApiV1Tasks: {
        parameters: {
            query?: {
                status?: "submitted" | "planning" | "executing" | "reviewing" | "waiting" | "escalated" | "completed" | "failed" | "cancelled";
                kind?: "root" | "child" | "remediation";
                project_id?: string;
                created_by?: string;
                /** @description Which come first. A cursor goes on in the order that it was given in. */
                order?: "oldest" | "newest";
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tasks: components["schemas"]["Task"][];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    postApiV1Tasks: {
        parameters: {
            query?: never;
            header?: {
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Made by the server where it is absent. */
                    id?: string;
                    title: string;
                    description: string;
                    signature: string;
                    entryPoint: string;
                    tests?: {
                        name: string;
                        run: string;
                        equals?: unknown;
                        throws?: string;
                    }[];
                    parts?: {
                        entryPoint: string;
                        signature: string;
                        description: string;
                        tests: {
                            name: string;
                            run: string;
                            equals?: unknown;
                            throws?: string;
                        }[];
                    }[];
                    /** @description Whose budget pays, coding-tasks by default. It has a budget, or the caller may manage budgets. */
                    project_id?: string;
                    /** @description Milliseconds in which it must end, else it fails. At most, and by default, as the server is told. */
                    timeout_ms?: number;
                };
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedTask"];
                };
            };
        };
    };
    getApiV1TasksById: {
        parameters: {
            query?: never;
            header?: {
                "if-none-match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
        };
    };
    postApiV1TasksByIdCancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
        };
    };
    getApiV1TasksByIdEvents: {
        parameters: {
            query?: never;
            header?: {
                "last-event-id"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getApiV1Ws: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: never;
    };
    postApiV1BudgetRequest: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Of your own making, one for each attempt at a call: the key of exactly once among your own holds. */
                    request_id: string;
                    project_id: string;
                    task_id?: string;
                    agent_id?: string;
                    /** @description The estimate to hold. */
                    tokens?: number;
                    cost?: components["schemas"]["MoneyInput"];
                    /** @description In place of tokens: the model, priced by the server. */
                    model?: string;
                    input_tokens?: number;
                    max_output_tokens?: number;
                    /** @description Milliseconds until the hold ends. Default 120000. */
                    ttl_ms?: number;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "granted";
                        /** @description The same request was granted before; nothing was held again. */
                        is_replay: boolean;
                        reservation: components["schemas"]["Reservation"];
                    } | {
                        /** @enum {string} */
                        status: "denied";
                        /** @description For people. */
                        reason: string;
                        /**
                         * @description The widest that lacks room.
                         * @enum {string}
                         */
                        level: "tenant" | "project" | "task" | "agent";
                        scope: {
                            project_id: string | null;
                            task_id: string | null;
                            agent_id: string | null;
                        };
                        /** @enum {string} */
                        unit: "tokens" | "money";
                        available_tokens: number | null;
                        limit_tokens: number | null;
                        available_money: {
                            currency: string;
                            micros: number;
                        } | null;
                        limit_money: components["schemas"]["Money"] | null;
                        resets_at: string | null;
                    };
                };
            };
        };
    };
    postApiV1BudgetCommit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Of your own making, one for each attempt at a call: the key of exactly once among your own holds. */
                    request_id: string;
                    /** @description Id of whoever made the hold. Left out: you. Another takes the permission budget:manage. */
                    held_by?: string;
                    /** @description Left out, or without a count: not known, and charged as it was held. */
                    usage?: {
                        total_tokens?: number;
                        cost?: components["schemas"]["MoneyInput"];
                        input_tokens?: number;
                        cached_read_tokens?: number;
                        cached_write_tokens?: number;
                        output_tokens?: number;
                        reasoning_tokens?: number;
                        input_includes_cached?: boolean;
                        output_includes_reasoning?: boolean;
                    };
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description It had been settled in this very way before. */
                        is_replay: boolean;
                        reservation: components["schemas"]["Reservation"];
                    };
                };
            };
        };
    };
    postApiV1BudgetRelease: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Of your own making, one for each attempt at a call: the key of exactly once among your own holds. */
                    request_id: string;
                    /** @description Id of whoever made the hold. Left out: you. Another takes the permission budget:manage. */
                    held_by?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description It had been settled in this very way before. */
                        is_replay: boolean;
                        reservation: components["schemas"]["Reservation"];
                    };
                };
            };
        };
    };
    getApiV1BudgetState: {
        parameters: {
            query?: {
                /** @description Left out: the whole tenant. */
                project_id?: string;
                task_id?: string;
                agent_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BudgetState"];
                };
            };
        };
    };
    getApiV1BudgetForecast: {
        parameters: {
            query?: {
                /** @description Left out: the whole tenant. */
                project_id?: string;
                task_id?: string;
                agent_id?: string;
                /** @description Milliseconds back from now. Default 3600000. */
                window_ms?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tokens: {
                            /** @description null: not at this rate, or not before the period ends. */
                            exhausts_at: string | null;
                            rate_per_hour: number;
                            /** @enum {string} */
                            basis: "recent" | "period";
                        };
                        money: {
                            /** @description null: not at this rate, or not before the period ends. */
                            exhausts_at: string | null;
                            rate_per_hour: number;
                            /** @enum {string} */
                            basis: "recent" | "period";
                        } | null;
                    };
                };
            };
        };
    };
    getApiV1BudgetLimits: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        limits: {
                            project_id: string;
                            total_limit: number | null;
                            used: number;
                            reserved: number;
                            available: number | null;
                            /** @description null: no money was ever limited or held. */
                            money: {
                                /** @description null: counted, not limited. */
                                limit: components["schemas"]["Money"] | null;
                                used: components["schemas"]["Money"];
                                reserved: components["schemas"]["Money"];
                                available: {
                                    currency: string;
                                    micros: number;
                                } | null;
                            } | null;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    putApiV1BudgetLimits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Whose budget, for those of the home tenant who have system:manage. Left out: of your tenant. */
                    tenant_id?: string;
                    /** @description Left out: the whole tenant. */
                    project_id?: string;
                    task_id?: string;
                    agent_id?: string;
                    /** @description null: counted, not limited. */
                    limit_tokens?: number | null;
                    /** @description null: counted, not limited. The currency never changes. */
                    limit_money?: components["schemas"]["MoneyInput"] | null;
                    period?: {
                        /** @enum {string} */
                        kind: "none";
                    } | {
                        /** @enum {string} */
                        kind: "rolling";
                        length_ms: number;
                    } | {
                        /** @enum {string} */
                        kind: "day" | "week" | "month";
                        time_zone: string;
                    };
                    soft_limit_percents?: number[];
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        is_new: boolean;
                        previous_limit_tokens: number | null;
                        previous_limit_money: components["schemas"]["Money"] | null;
                        state: components["schemas"]["BudgetState"];
                    };
                };
            };
        };
    };
    getApiV1BudgetChildren: {
        parameters: {
            query?: {
                project_id?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        budgets: components["schemas"]["BudgetState"][];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getApiV1TasksByIdWork: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskWork"];
                };
            };
        };
    };
    getApiV1Activity: {
        parameters: {
            query?: {
                hours?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Activity"];
                };
            };
        };
    };
    getApiV1Dlq: {
        parameters: {
            query?: {
                status?: "open" | "redriving" | "redriven" | "resolved";
                fingerprint?: string;
                stream?: string;
                consumer?: string;
                subject?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        dead_letters: components["schemas"]["DeadLetterSummary"][];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getApiV1DlqGroups: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        groups: {
                            fingerprint: string;
                            unresolved: number;
                            total: number;
                            newest: {
                                /** @description Decimal digits; later ones are greater. */
                                id: string;
                                error: string;
                                error_code: string | null;
                                original_subject: string;
                                /** Format: date-time */
                                last_seen_at: string;
                            } | null;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getApiV1DlqById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetter"];
                };
            };
        };
    };
    postApiV1DlqByIdResolve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why nothing more is to be done. */
                    note?: string;
                } | null;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Decimal digits; later ones are greater. */
                        id: string;
                        /**
                         * @description unchanged: it was resolved or redriven before.
                         * @enum {string}
                         */
                        outcome: "resolved" | "unchanged";
                    };
                };
            };
        };
    };
    postApiV1DlqGroupsByFingerprintResolve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                fingerprint: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why nothing more is to be done. */
                    note?: string;
                } | null;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        resolved: number;
                        /** @description Open ones are left: ask again. */
                        has_more: boolean;
                    };
                };
            };
        };
    };
    postApiV1DlqRedrive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    ids?: string[];
                    fingerprint?: string;
                    stream?: string;
                    consumer?: string;
                    subject?: string;
                    /** @description Default 100, or as many as there are ids. */
                    limit?: number;
                    /** @description Default 100. */
                    rate_per_second?: number;
                    /** @description Only tells what would be done. */
                    dry_run?: boolean;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: {
                            /** @description Decimal digits; later ones are greater. */
                            id: string;
                            /** @enum {string} */
                            outcome: "redriven" | "would-redrive" | "refused" | "unknown" | "not-found" | "already-settled" | "busy" | "payload-missing";
                            error: string | null;
                        }[];
                        has_more: boolean;
                    };
                };
            };
        };
    };
    getApiV1CircuitBreakers: {
        parameters: {
            query?: {
                /** @description * stands for any letters. */
                pattern?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        breakers: components["schemas"]["CircuitBreaker"][];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getApiV1CircuitBreakersByNameHistory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        changes: {
                            /** @enum {string} */
                            state: "closed" | "open" | "forced-open" | "forced-closed" | "disabled";
                            reason: string | null;
                            /** Format: date-time */
                            at: string;
                        }[];
                    };
                };
            };
        };
    };
    postApiV1CircuitBreakersByNameForce: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A name, or a pattern in which * stands for any letters. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description disabled: calls pass unwatched.
                     * @enum {string}
                     */
                    state: "open" | "closed" | "disabled";
                    /** @description Why, as every tenant reads it. */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakerOrder"];
                };
            };
        };
    };
    postApiV1CircuitBreakersByNameReset: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A name, or a pattern in which * stands for any letters. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakerOrder"];
                };
            };
        };
    };
    postApiV1CircuitBreakersResetAll: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakerOrder"];
                };
            };
        };
    };
    getStats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
        };
    };
    getApiV1GovernanceStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        roles: {
                            /**
                             * @description Role of an agent.
                             * @enum {string}
                             */
                            agent_role: "security" | "architect" | "developer" | "reviewer" | "tester";
                            /** @enum {string} */
                            status: "daily_limit_reached" | "cooldown_active" | "requires_approval" | "can_auto_update";
                            max_updates_per_day: number;
                            updates_today: number;
                            last_update_at: string | null;
                            cooldown_hours: number;
                            cooldown_active: boolean;
                            /** @description By the rules of the role, or as it is frozen. */
                            requires_approval: boolean;
                            next_allowed_at: string | null;
                            /** @description Whether automatic updates wait until a person acknowledges the freeze. */
                            is_frozen: boolean;
                            /** @description The version in force. */
                            version: number | null;
                            /** @description Proposals that wait. */
                            pending: number;
                        }[];
                        /** @description Proposals that wait for people. */
                        pending_approvals: number;
                    };
                };
            };
        };
    };
    getApiV1GovernancePendingCount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        count: number;
                    };
                };
            };
        };
    };
    postApiV1GovernancePromptsByRoleRollback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Role of an agent. */
                role: "security" | "architect" | "developer" | "reviewer" | "tester";
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    to_version: number;
                    /** @description The version that shall be left: where another is in force nothing is done. */
                    expected_version?: number;
                    reason: string;
                    /** @description Made by the server where it is absent. */
                    update_id?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        update_id: string;
                        /**
                         * @description Role of an agent.
                         * @enum {string}
                         */
                        agent_role: "security" | "architect" | "developer" | "reviewer" | "tester";
                        version: number;
                        /** Format: date-time */
                        applied_at: string;
                        /** @description Whether automatic updates of the role wait for a person now. */
                        is_frozen: boolean;
                    };
                };
            };
        };
    };
    postApiV1GovernanceFreezesByRoleAcknowledge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Role of an agent. */
                role: "security" | "architect" | "developer" | "reviewer" | "tester";
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What was found and done. */
                    notes: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Role of an agent.
                         * @enum {string}
                         */
                        agent_role: "security" | "architect" | "developer" | "reviewer" | "tester";
                        /** Format: date-time */
                        frozen_at: string;
                        reason: string;
                        acknowledged_by: string;
                        /** Format: date-time */
                        acknowledged_at: string;
                    };
                };
            };
        };
    };
    getApiV1GovernanceProposals: {
        parameters: {
            query?: {
                status?: "pending" | "applied" | "rejected" | "expired" | "stale";
                /** @description Role of an agent. */
                agent_role?: "security" | "architect" | "developer" | "reviewer" | "tester";
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        proposals: {
                            update_id: string;
                            /**
                             * @description Role of an agent.
                             * @enum {string}
                             */
                            agent_role: "security" | "architect" | "developer" | "reviewer" | "tester";
                            /** @enum {string} */
                            status: "pending" | "applied" | "rejected" | "expired" | "stale";
                            base_version: number | null;
                            target_version: number;
                            /** @description What an approval must name. */
                            content_sha256: string;
                            reason: string;
                            proposed_by: {
                                id: string;
                                /** @enum {string} */
                                kind: "human" | "agent" | "service";
                            };
                            /** Format: date-time */
                            proposed_at: string;
                            expires_at: string | null;
                            applied_at: string | null;
                            settled_by: string | null;
                            settled_at: string | null;
                            notes: string | null;
                            approvals: number;
                            required_approvals: number;
                            /** @description What keeps a proposal with all its approvals from being applied. */
                            held_by: ("daily_limit_reached" | "cooldown_active" | "gate_failed") | null;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    postApiV1GovernanceProposals: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Made by the server where it is absent. */
                    update_id?: string;
                    /**
                     * @description Role of an agent.
                     * @enum {string}
                     */
                    agent_role: "security" | "architect" | "developer" | "reviewer" | "tester";
                    content: string;
                    reason: string;
                    /** @description The version that it was made from, null for none: where another is in force it is refused. */
                    expected_base_version?: number | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        update_id: string;
                        /** @enum {string} */
                        status: "pending" | "applied" | "rejected" | "expired" | "stale";
                        version: number;
                        content_sha256: string;
                        /** Format: date-time */
                        applied_at?: string;
                        /** Format: date-time */
                        expires_at?: string;
                    };
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        update_id: string;
                        /** @enum {string} */
                        status: "pending" | "applied" | "rejected" | "expired" | "stale";
                        version: number;
                        content_sha256: string;
                        /** Format: date-time */
                        applied_at?: string;
                        /** Format: date-time */
                        expires_at?: string;
                    };
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        update_id: string;
                        /** @enum {string} */
                        status: "pending" | "applied" | "rejected" | "expired" | "stale";
                        version: number;
                        content_sha256: string;
                        /** Format: date-time */
                        applied_at?: string;
                        /** Format: date-time */
                        expires_at?: string;
                    };
                };
            };
        };
    };
    getApiV1GovernanceProposalsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        proposal: {
                            update_id: string;
                            /**
                             * @description Role of an agent.
                             * @enum {string}
                             */
                            agent_role: "security" | "architect" | "developer" | "reviewer" | "tester";
                            /** @enum {string} */
                            status: "pending" | "applied" | "rejected" | "expired" | "stale";
                            base_version: number | null;
                            target_version: number;
                            /** @description What an approval must name. */
                            content_sha256: string;
                            reason: string;
                            proposed_by: {
                                id: string;
                                /** @enum {string} */
                                kind: "human" | "agent" | "service";
                            };
                            /** Format: date-time */
                            proposed_at: string;
                            expires_at: string | null;
                            applied_at: string | null;
                            settled_by: string | null;
                            settled_at: string | null;
                            notes: string | null;
                            approvals: number;
                            required_approvals: number;
                            /** @description What keeps a proposal with all its approvals from being applied. */
                            held_by: ("daily_limit_reached" | "cooldown_active" | "gate_failed") | null;
                        };
                        /** @description The text that it would take the place of, or took. */
                        base: {
                            /**
                             * @description Role of an agent.
                             * @enum {string}
                             */
                            agent_role: "security" | "architect" | "developer" | "reviewer" | "tester";
                            version: number;
                            content_sha256: string;
                            created_by: string;
                            /** Format: date-time */
                            created_at: string;
                            content: string;
                        } | null;
                        proposed: {
                            /**
                             * @description Role of an agent.
                             * @enum {string}
                             */
                            agent_role: "security" | "architect" | "developer" | "reviewer" | "tester";
                            version: number;
                            content_sha256: string;
                            created_by: string;
                            /** Format: date-time */
                            created_at: string;
                            content: string;
                        };
                        difference: {
                            added_lines: number;
                            removed_lines: number;
                            is_smallest: boolean;
                            rows: {
                                /** @enum {string} */
                                kind: "same" | "changed" | "removed" | "added";
                                base: {
                                    line: number;
                                    text: string;
                                } | null;
                                proposed: {
                                    line: number;
                                    text: string;
                                } | null;
                            }[];
                        };
                        /** @description What the gates have against it now; null where it is settled. */
                        findings: {
                            gate: string;
                            rule: string;
                            message: string;
                        }[] | null;
                        evaluations: {
                            base: {
                                dataset: string;
                                result: {
                                    /** @enum {string} */
                                    kind: "share";
                                    samples: number;
                                    successes: number;
                                } | {
                                    /** @enum {string} */
                                    kind: "mean";
                                    samples: number;
                                    mean: number;
                                    standard_deviation: number;
                                };
                                recorded_by: string;
                                /** Format: date-time */
                                recorded_at: string;
                            }[];
                            proposed: {
                                dataset: string;
                                result: {
                                    /** @enum {string} */
                                    kind: "share";
                                    samples: number;
                                    successes: number;
                                } | {
                                    /** @enum {string} */
                                    kind: "mean";
                                    samples: number;
                                    mean: number;
                                    standard_deviation: number;
                                };
                                recorded_by: string;
                                /** Format: date-time */
                                recorded_at: string;
                            }[];
                        };
                        /** @description What people said when they approved. */
                        words: {
                            approver: string;
                            content_sha256: string;
                            notes: string | null;
                            /** Format: date-time */
                            approved_at: string;
                        }[];
                    };
                };
            };
        };
    };
    postApiV1GovernanceProposalsByIdApprove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Hash of the content that was looked at: for another it does not count. */
                    content_sha256: string;
                    /** @description Why. Some roles want to know. */
                    notes?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        update_id: string;
                        /**
                         * @description `counted`: others must approve too; `held`: it is applied once nothing is in the way.
                         * @enum {string}
                         */
                        status: "applied" | "counted" | "held";
                        approvals: number;
                        required_approvals: number;
                        version?: number;
                        /** Format: date-time */
                        applied_at?: string;
                        expires_at?: string | null;
                        /** @enum {string} */
                        held_by?: "daily_limit_reached" | "cooldown_active" | "gate_failed";
                        next_allowed_at?: string | null;
                        findings?: {
                            gate: string;
                            rule: string;
                            message: string;
                        }[];
                    };
                };
            };
        };
    };
    postApiV1GovernanceProposalsByIdReject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Hash of the content that was looked at: for another it does not count. */
                    content_sha256: string;
                    /** @description Why. Some roles want to know. */
                    notes?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        update_id: string;
                        /** @enum {string} */
                        status: "rejected";
                        settled_by: string;
                        /** Format: date-time */
                        settled_at: string;
                    };
                };
            };
        };
    };
    getApiV1GovernancePromptsByRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Role of an agent. */
                role: "security" | "architect" | "developer" | "reviewer" | "tester";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Role of an agent.
                         * @enum {string}
                         */
                        agent_role: "security" | "architect" | "developer" | "reviewer" | "tester";
                        version: number;
                        content_sha256: string;
                        created_by: string;
                        /** Format: date-time */
                        created_at: string;
                        content: string;
                    };
                };
            };
        };
    };
    getApiV1GovernancePromptsByRoleVersions: {
        parameters: {
            query?: {
                /** @description Which come first. A cursor goes on in the order that it was given in. */
                order?: "oldest" | "newest";
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description Role of an agent. */
                role: "security" | "architect" | "developer" | "reviewer" | "tester";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        versions: {
                            /**
                             * @description Role of an agent.
                             * @enum {string}
                             */
                            agent_role: "security" | "architect" | "developer" | "reviewer" | "tester";
                            version: number;
                            content_sha256: string;
                            created_by: string;
                            /** Format: date-time */
                            created_at: string;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getApiV1GovernancePromptsByRoleVersionsByVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Role of an agent. */
                role: "security" | "architect" | "developer" | "reviewer" | "tester";
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Role of an agent.
                         * @enum {string}
                         */
                        agent_role: "security" | "architect" | "developer" | "reviewer" | "tester";
                        version: number;
                        content_sha256: string;
                        created_by: string;
                        /** Format: date-time */
                        created_at: string;
                        content: string;
                    };
                };
            };
        };
    };
    getApiV1GovernancePromptsByRoleVersionsByVersionTasks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Role of an agent. */
                role: "security" | "architect" | "developer" | "reviewer" | "tester";
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PromptUses"];
                };
            };
        };
    };
    getApiV1GovernancePromptsByRoleHistory: {
        parameters: {
            query?: {
                /** @description Which come first. A cursor goes on in the order that it was given in. */
                order?: "oldest" | "newest";
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description Role of an agent. */
                role: "security" | "architect" | "developer" | "reviewer" | "tester";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        changes: {
                            update_id: string;
                            /**
                             * @description Role of an agent.
                             * @enum {string}
                             */
                            agent_role: "security" | "architect" | "developer" | "reviewer" | "tester";
                            /** @enum {string} */
                            status: "pending" | "applied" | "rejected" | "expired" | "stale";
                            base_version: number | null;
                            target_version: number;
                            /** @description What an approval must name. */
                            content_sha256: string;
                            reason: string;
                            proposed_by: {
                                id: string;
                                /** @enum {string} */
                                kind: "human" | "agent" | "service";
                            };
                            /** Format: date-time */
                            proposed_at: string;
                            expires_at: string | null;
                            applied_at: string | null;
                            settled_by: string | null;
                            settled_at: string | null;
                            notes: string | null;
                            /** @enum {string} */
                            kind: "update" | "rollback" | "break-glass" | "seed";
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getApiV1Reviews: {
        parameters: {
            query?: {
                status?: "open" | "approved" | "rejected" | "vetoed" | "no-consensus";
                subject_id?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        reviews: {
                            /** @description Made of the subject and the round; plain in a URL. */
                            id: string;
                            subject_id: string;
                            round: number;
                            project_id: string | null;
                            /** @enum {string} */
                            status: "open" | "closed";
                            /** @description What a vote or an override must name. */
                            content_hash: string;
                            author_id: string;
                            /** Format: date-time */
                            opened_at: string;
                            /** Format: date-time */
                            deadline_at: string;
                            closed_at: string | null;
                            outcome: ("approved" | "rejected" | "vetoed" | "no-consensus") | null;
                            reviewers: number;
                            votes: number;
                            overridden_by: string | null;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getApiV1ReviewsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Made of the subject and the round; plain in a URL. */
                        id: string;
                        subject_id: string;
                        round: number;
                        project_id: string | null;
                        /** @enum {string} */
                        status: "open" | "closed";
                        /** @description What a vote or an override must name. */
                        content_hash: string;
                        author_id: string;
                        /** Format: date-time */
                        opened_at: string;
                        /** Format: date-time */
                        deadline_at: string;
                        closed_at: string | null;
                        reviewers: {
                            id: string;
                            /** @enum {string} */
                            kind: "agent" | "human";
                            /** @enum {string} */
                            role: "security" | "architect" | "developer" | "reviewer" | "tester";
                            /** @description In thousandths of a vote. */
                            weight_milli: number;
                        }[];
                        policy: {
                            quorum: {
                                numerator: number;
                                denominator: number;
                            };
                            threshold: {
                                numerator: number;
                                denominator: number;
                            };
                            veto_roles: ("security" | "architect" | "developer" | "reviewer" | "tester")[];
                        };
                        closes_early: boolean;
                        votes: {
                            reviewer_id: string;
                            /** @enum {string} */
                            decision: "approve" | "reject" | "abstain";
                            findings: {
                                /** @enum {string} */
                                severity: "minor" | "major" | "critical";
                                message: string;
                                location?: string;
                            }[];
                            rationale: string;
                            confidence: number;
                            /** Format: date-time */
                            cast_at: string;
                        }[];
                        /** @description Cast too late, and not counted. */
                        late_votes: {
                            reviewer_id: string;
                            /** @enum {string} */
                            decision: "approve" | "reject" | "abstain";
                            findings: {
                                /** @enum {string} */
                                severity: "minor" | "major" | "critical";
                                message: string;
                                location?: string;
                            }[];
                            rationale: string;
                            confidence: number;
                            /** Format: date-time */
                            cast_at: string;
                        }[];
                        outcome: {
                            /** @enum {string} */
                            kind: "approved" | "rejected" | "vetoed" | "no-consensus";
                            /** @description Why there is no consensus. */
                            reason: string | null;
                            vetoed_by: string[];
                            approve_milli: number;
                            reject_milli: number;
                            abstain_milli: number;
                            eligible_milli: number;
                            pivotal: string[];
                            explanation: string;
                            /** Format: date-time */
                            decided_at: string;
                        } | null;
                        override: {
                            by: string;
                            reason: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        /** @description Whether the content may pass. */
                        is_approved: boolean;
                    };
                };
            };
        };
    };
    getApiV1ReviewsByIdExplanation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /** @description False while the round is open: as it would close now. */
                        is_final: boolean;
                        /** @enum {string} */
                        outcome: "approved" | "rejected" | "vetoed" | "no-consensus";
                        text: string;
                        /** @description How many independent votes of equal weight there were, in thousandths. */
                        effective_votes_milli: number;
                        /** @description The fewest votes that would have given another outcome; null where none would. */
                        smallest_flip: {
                            /** @enum {string} */
                            leads_to: "approved" | "rejected" | "vetoed" | "no-consensus";
                            changes: {
                                reviewer_id: string;
                                /** @enum {string} */
                                to: "approve" | "reject";
                            }[];
                        } | null;
                        voters: {
                            id: string;
                            /** @enum {string} */
                            kind: "agent" | "human";
                            /** @enum {string} */
                            role: "security" | "architect" | "developer" | "reviewer" | "tester";
                            /** @description In thousandths of a vote. */
                            weight_milli: number;
                            /** @enum {string} */
                            answer: "approve" | "reject" | "abstain" | "silent";
                            is_veto: boolean;
                            is_pivotal: boolean;
                            had_they_voted: {
                                /** @enum {string} */
                                approve: "approved" | "rejected" | "vetoed" | "no-consensus";
                                /** @enum {string} */
                                reject: "approved" | "rejected" | "vetoed" | "no-consensus";
                                /** @enum {string} */
                                abstain: "approved" | "rejected" | "vetoed" | "no-consensus";
                                /** @enum {string} */
                                silent: "approved" | "rejected" | "vetoed" | "no-consensus";
                            };
                            /** @description What the reviewer could decide before anybody had voted; null where that is not worked out. */
                            power: {
                                banzhaf: {
                                    /** @description Exactly, such as `1/3`. */
                                    fraction: string;
                                    value: number;
                                };
                                normalised_banzhaf: {
                                    /** @description Exactly, such as `1/3`. */
                                    fraction: string;
                                    value: number;
                                };
                                shapley_shubik: {
                                    /** @description Exactly, such as `1/3`. */
                                    fraction: string;
                                    value: number;
                                };
                            } | null;
                        }[];
                    };
                };
            };
        };
    };
    postApiV1ReviewsByIdVote: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Hash of the content that was looked at. */
                    content_hash: string;
                    /** @enum {string} */
                    decision: "approve" | "reject" | "abstain";
                    rationale: string;
                    /** @default 1 */
                    confidence?: number;
                    /** @default [] */
                    findings?: {
                        /** @enum {string} */
                        severity: "minor" | "major" | "critical";
                        message: string;
                        location?: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description `late`: kept, and not counted, as it came after the deadline or the close.
                         * @enum {string}
                         */
                        receipt: "recorded" | "replaced" | "unchanged" | "late";
                        review: {
                            /** @description Made of the subject and the round; plain in a URL. */
                            id: string;
                            subject_id: string;
                            round: number;
                            project_id: string | null;
                            /** @enum {string} */
                            status: "open" | "closed";
                            /** @description What a vote or an override must name. */
                            content_hash: string;
                            author_id: string;
                            /** Format: date-time */
                            opened_at: string;
                            /** Format: date-time */
                            deadline_at: string;
                            closed_at: string | null;
                            reviewers: {
                                id: string;
                                /** @enum {string} */
                                kind: "agent" | "human";
                                /** @enum {string} */
                                role: "security" | "architect" | "developer" | "reviewer" | "tester";
                                /** @description In thousandths of a vote. */
                                weight_milli: number;
                            }[];
                            policy: {
                                quorum: {
                                    numerator: number;
                                    denominator: number;
                                };
                                threshold: {
                                    numerator: number;
                                    denominator: number;
                                };
                                veto_roles: ("security" | "architect" | "developer" | "reviewer" | "tester")[];
                            };
                            closes_early: boolean;
                            votes: {
                                reviewer_id: string;
                                /** @enum {string} */
                                decision: "approve" | "reject" | "abstain";
                                findings: {
                                    /** @enum {string} */
                                    severity: "minor" | "major" | "critical";
                                    message: string;
                                    location?: string;
                                }[];
                                rationale: string;
                                confidence: number;
                                /** Format: date-time */
                                cast_at: string;
                            }[];
                            /** @description Cast too late, and not counted. */
                            late_votes: {
                                reviewer_id: string;
                                /** @enum {string} */
                                decision: "approve" | "reject" | "abstain";
                                findings: {
                                    /** @enum {string} */
                                    severity: "minor" | "major" | "critical";
                                    message: string;
                                    location?: string;
                                }[];
                                rationale: string;
                                confidence: number;
                                /** Format: date-time */
                                cast_at: string;
                            }[];
                            outcome: {
                                /** @enum {string} */
                                kind: "approved" | "rejected" | "vetoed" | "no-consensus";
                                /** @description Why there is no consensus. */
                                reason: string | null;
                                vetoed_by: string[];
                                approve_milli: number;
                                reject_milli: number;
                                abstain_milli: number;
                                eligible_milli: number;
                                pivotal: string[];
                                explanation: string;
                                /** Format: date-time */
                                decided_at: string;
                            } | null;
                            override: {
                                by: string;
                                reason: string;
                                /** Format: date-time */
                                at: string;
                            } | null;
                            /** @description Whether the content may pass. */
                            is_approved: boolean;
                        };
                    };
                };
            };
        };
    };
    postApiV1ReviewsByIdOverride: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Hash of the content that was looked at. */
                    content_hash: string;
                    reason: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Made of the subject and the round; plain in a URL. */
                        id: string;
                        subject_id: string;
                        round: number;
                        project_id: string | null;
                        /** @enum {string} */
                        status: "open" | "closed";
                        /** @description What a vote or an override must name. */
                        content_hash: string;
                        author_id: string;
                        /** Format: date-time */
                        opened_at: string;
                        /** Format: date-time */
                        deadline_at: string;
                        closed_at: string | null;
                        reviewers: {
                            id: string;
                            /** @enum {string} */
                            kind: "agent" | "human";
                            /** @enum {string} */
                            role: "security" | "architect" | "developer" | "reviewer" | "tester";
                            /** @description In thousandths of a vote. */
                            weight_milli: number;
                        }[];
                        policy: {
                            quorum: {
                                numerator: number;
                                denominator: number;
                            };
                            threshold: {
                                numerator: number;
                                denominator: number;
                            };
                            veto_roles: ("security" | "architect" | "developer" | "reviewer" | "tester")[];
                        };
                        closes_early: boolean;
                        votes: {
                            reviewer_id: string;
                            /** @enum {string} */
                            decision: "approve" | "reject" | "abstain";
                            findings: {
                                /** @enum {string} */
                                severity: "minor" | "major" | "critical";
                                message: string;
                                location?: string;
                            }[];
                            rationale: string;
                            confidence: number;
                            /** Format: date-time */
                            cast_at: string;
                        }[];
                        /** @description Cast too late, and not counted. */
                        late_votes: {
                            reviewer_id: string;
                            /** @enum {string} */
                            decision: "approve" | "reject" | "abstain";
                            findings: {
                                /** @enum {string} */
                                severity: "minor" | "major" | "critical";
                                message: string;
                                location?: string;
                            }[];
                            rationale: string;
                            confidence: number;
                            /** Format: date-time */
                            cast_at: string;
                        }[];
                        outcome: {
                            /** @enum {string} */
                            kind: "approved" | "rejected" | "vetoed" | "no-consensus";
                            /** @description Why there is no consensus. */
                            reason: string | null;
                            vetoed_by: string[];
                            approve_milli: number;
                            reject_milli: number;
                            abstain_milli: number;
                            eligible_milli: number;
                            pivotal: string[];
                            explanation: string;
                            /** Format: date-time */
                            decided_at: string;
                        } | null;
                        override: {
                            by: string;
                            reason: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        /** @description Whether the content may pass. */
                        is_approved: boolean;
                    };
                };
            };
        };
    };
    getApiV1Escalations: {
        parameters: {
            query?: {
                /** @description `unresolved`: open or acknowledged. */
                status?: "open" | "acknowledged" | "resolved" | "unresolved";
                level?: "supervisor" | "operator" | "admin";
                severity?: "info" | "warning" | "critical";
                assignee?: string;
                project_id?: string;
                subject_kind?: string;
                subject_id?: string;
                /** @description Which come first. A cursor goes on in the order that it was given in. */
                order?: "oldest" | "newest";
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        escalations: {
                            id: string;
                            /** @description What it is about, such as a task. */
                            subject: {
                                kind: string;
                                id: string;
                            };
                            project_id: string | null;
                            task_id: string | null;
                            reason: string;
                            /** @enum {string} */
                            severity: "info" | "warning" | "critical";
                            /** @enum {string} */
                            level: "supervisor" | "operator" | "admin";
                            /** @enum {string} */
                            status: "open" | "acknowledged" | "resolved";
                            evidence: {
                                [key: string]: unknown;
                            };
                            /** @description How often it was raised while it was not resolved. */
                            occurrences: number;
                            /** Format: date-time */
                            raised_at: string;
                            /** Format: date-time */
                            last_raised_at: string;
                            /** @description When it goes on to the next level by itself. */
                            due_at: string | null;
                            assigned: {
                                assignee: string;
                                by: string;
                                /** Format: date-time */
                                at: string;
                            } | null;
                            acknowledged: {
                                by: string;
                                /** Format: date-time */
                                at: string;
                            } | null;
                            resolved: {
                                by: string;
                                /** Format: date-time */
                                at: string;
                            } | null;
                            /** @description What the person decided, in words. */
                            resolution: string | null;
                            /** @description What became of the task that asked. */
                            decision: ("approve" | "retry" | "reject" | "cancel") | null;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getApiV1EscalationsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /** @description What it is about, such as a task. */
                        subject: {
                            kind: string;
                            id: string;
                        };
                        project_id: string | null;
                        task_id: string | null;
                        reason: string;
                        /** @enum {string} */
                        severity: "info" | "warning" | "critical";
                        /** @enum {string} */
                        level: "supervisor" | "operator" | "admin";
                        /** @enum {string} */
                        status: "open" | "acknowledged" | "resolved";
                        evidence: {
                            [key: string]: unknown;
                        };
                        /** @description How often it was raised while it was not resolved. */
                        occurrences: number;
                        /** Format: date-time */
                        raised_at: string;
                        /** Format: date-time */
                        last_raised_at: string;
                        /** @description When it goes on to the next level by itself. */
                        due_at: string | null;
                        assigned: {
                            assignee: string;
                            by: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        acknowledged: {
                            by: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        resolved: {
                            by: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        /** @description What the person decided, in words. */
                        resolution: string | null;
                        /** @description What became of the task that asked. */
                        decision: ("approve" | "retry" | "reject" | "cancel") | null;
                    };
                };
            };
        };
    };
    postApiV1EscalationsByIdAcknowledge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /** @description What it is about, such as a task. */
                        subject: {
                            kind: string;
                            id: string;
                        };
                        project_id: string | null;
                        task_id: string | null;
                        reason: string;
                        /** @enum {string} */
                        severity: "info" | "warning" | "critical";
                        /** @enum {string} */
                        level: "supervisor" | "operator" | "admin";
                        /** @enum {string} */
                        status: "open" | "acknowledged" | "resolved";
                        evidence: {
                            [key: string]: unknown;
                        };
                        /** @description How often it was raised while it was not resolved. */
                        occurrences: number;
                        /** Format: date-time */
                        raised_at: string;
                        /** Format: date-time */
                        last_raised_at: string;
                        /** @description When it goes on to the next level by itself. */
                        due_at: string | null;
                        assigned: {
                            assignee: string;
                            by: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        acknowledged: {
                            by: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        resolved: {
                            by: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        /** @description What the person decided, in words. */
                        resolution: string | null;
                        /** @description What became of the task that asked. */
                        decision: ("approve" | "retry" | "reject" | "cancel") | null;
                    };
                };
            };
        };
    };
    postApiV1EscalationsByIdAssign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Id of a user; null: nobody any more. */
                    assignee: string | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /** @description What it is about, such as a task. */
                        subject: {
                            kind: string;
                            id: string;
                        };
                        project_id: string | null;
                        task_id: string | null;
                        reason: string;
                        /** @enum {string} */
                        severity: "info" | "warning" | "critical";
                        /** @enum {string} */
                        level: "supervisor" | "operator" | "admin";
                        /** @enum {string} */
                        status: "open" | "acknowledged" | "resolved";
                        evidence: {
                            [key: string]: unknown;
                        };
                        /** @description How often it was raised while it was not resolved. */
                        occurrences: number;
                        /** Format: date-time */
                        raised_at: string;
                        /** Format: date-time */
                        last_raised_at: string;
                        /** @description When it goes on to the next level by itself. */
                        due_at: string | null;
                        assigned: {
                            assignee: string;
                            by: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        acknowledged: {
                            by: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        resolved: {
                            by: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        /** @description What the person decided, in words. */
                        resolution: string | null;
                        /** @description What became of the task that asked. */
                        decision: ("approve" | "retry" | "reject" | "cancel") | null;
                    };
                };
            };
        };
    };
    postApiV1EscalationsByIdResolve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What was decided, in words. */
                    resolution: string;
                    /** @enum {string} */
                    decision?: "approve" | "retry" | "reject" | "cancel";
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /** @description What it is about, such as a task. */
                        subject: {
                            kind: string;
                            id: string;
                        };
                        project_id: string | null;
                        task_id: string | null;
                        reason: string;
                        /** @enum {string} */
                        severity: "info" | "warning" | "critical";
                        /** @enum {string} */
                        level: "supervisor" | "operator" | "admin";
                        /** @enum {string} */
                        status: "open" | "acknowledged" | "resolved";
                        evidence: {
                            [key: string]: unknown;
                        };
                        /** @description How often it was raised while it was not resolved. */
                        occurrences: number;
                        /** Format: date-time */
                        raised_at: string;
                        /** Format: date-time */
                        last_raised_at: string;
                        /** @description When it goes on to the next level by itself. */
                        due_at: string | null;
                        assigned: {
                            assignee: string;
                            by: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        acknowledged: {
                            by: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        resolved: {
                            by: string;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        /** @description What the person decided, in words. */
                        resolution: string | null;
                        /** @description What became of the task that asked. */
                        decision: ("approve" | "retry" | "reject" | "cancel") | null;
                    };
                };
            };
        };
    };
    getApiV1Agents: {
        parameters: {
            query?: {
                role?: "security" | "architect" | "developer" | "reviewer" | "tester";
                status?: "idle" | "working" | "disabled";
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agents: {
                            id: string;
                            /** @enum {string} */
                            role: "security" | "architect" | "developer" | "reviewer" | "tester";
                            /** @enum {string} */
                            status: "idle" | "working" | "disabled";
                            current_task_id: string | null;
                            model: string | null;
                            /** @description When its holder last told that it lives. */
                            heartbeat_at: string | null;
                            /** Format: date-time */
                            updated_at: string;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getApiV1AgentsById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /** @enum {string} */
                        role: "security" | "architect" | "developer" | "reviewer" | "tester";
                        /** @enum {string} */
                        status: "idle" | "working" | "disabled";
                        current_task_id: string | null;
                        model: string | null;
                        /** @description When its holder last told that it lives. */
                        heartbeat_at: string | null;
                        /** Format: date-time */
                        updated_at: string;
                    };
                };
            };
        };
    };
    postApiV1AgentsByIdEnable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /** @enum {string} */
                        role: "security" | "architect" | "developer" | "reviewer" | "tester";
                        /** @enum {string} */
                        status: "idle" | "working" | "disabled";
                        current_task_id: string | null;
                        model: string | null;
                        /** @description When its holder last told that it lives. */
                        heartbeat_at: string | null;
                        /** Format: date-time */
                        updated_at: string;
                    };
                };
            };
        };
    };
    postApiV1AgentsByIdDisable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /** @enum {string} */
                        role: "security" | "architect" | "developer" | "reviewer" | "tester";
                        /** @enum {string} */
                        status: "idle" | "working" | "disabled";
                        current_task_id: string | null;
                        model: string | null;
                        /** @description When its holder last told that it lives. */
                        heartbeat_at: string | null;
                        /** Format: date-time */
                        updated_at: string;
                    };
                };
            };
        };
    };
    getApiV1Audit: {
        parameters: {
            query?: {
                actor?: string;
                action?: string;
                resource?: string;
                outcome?: "allowed" | "denied" | "failed";
                from?: string;
                before?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        entries: components["schemas"]["AuditEntry"][];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    getApiV1AuditVerify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditVerification"];
                };
            };
        };
    };
    getApiV1AuditExport: {
        parameters: {
            query?: {
                after_sequence?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
        };
    };
    getApiV1System: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemState"];
                };
            };
        };
    };
}
