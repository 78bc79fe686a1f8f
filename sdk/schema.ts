/** Generated from spec/engine.yaml by `npm run generate`. Change the specification instead. */

export interface paths {
  '/api/{serviceId}/auth/authorization': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Begin an authorization request
     * @description RFC 6749 §3.1, OIDC Core §3.1.2: validates the request and issues a ticket, or says how to refuse it.
     */
    post: operations['auth_authorization_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/authorization/fail': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * End it with an error
     * @description RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6: spends the ticket and renders the error response.
     */
    post: operations['auth_authorization_fail_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/authorization/issue': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * End it with a grant
     * @description RFC 6749 §4.1.2: spends the ticket and issues the authorization code.
     */
    post: operations['auth_authorization_issue_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/authorization/ticket/info': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Read what is kept with a ticket
     * @description Does not spend the ticket.
     */
    post: operations['auth_authorization_ticket_info_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/authorization/ticket/update': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Replace what is kept with a ticket
     * @description Does not spend the ticket.
     */
    post: operations['auth_authorization_ticket_update_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/introspection': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Check an access token for a resource
     * @description For resource servers that call the engine themselves: scopes, subject and step-up are checked here.
     */
    post: operations['auth_introspection_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/introspection/standard': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Answer an RFC 7662 request
     * @description RFC 7662 §2.2. The front-end authenticates the resource server before it calls.
     */
    post: operations['auth_introspection_standard_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/revocation': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Answer an RFC 7009 request
     * @description RFC 7009 §2.1: authenticates the client and ends the grant that the token belongs to.
     */
    post: operations['auth_revocation_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/token': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Answer a token request
     * @description RFC 6749 §3.2: authenticates the client and runs the grant.
     */
    post: operations['auth_token_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/token/create': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Create tokens
     * @description Tokens that no client asked for. The front-end answers for whom they speak.
     */
    post: operations['auth_token_create_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/token/create/batch': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Create many tokens
     * @description All of them or none. It answers when all are checked; they are created afterwards, and the status says when.
     */
    post: operations['auth_token_create_batch_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/token/create/batch/status/{requestId}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description What `auth/token/create/batch` answered. */
        requestId: string
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    /** How many tokens a batch created */
    get: operations['auth_token_create_batch_status_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/token/delete/{accessTokenIdentifier}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The access token, or its hash as lists show it. */
        accessTokenIdentifier: string
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /**
     * End an access token
     * @description It ends with its refresh token. One that is not there has ended.
     */
    delete: operations['auth_token_delete_api']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/token/fail': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * End a password grant with an error
     * @description RFC 6749 §4.3. The engine issues no such tickets, since RFC 9700 §2.4 forbids the grant, so every ticket is unknown here.
     */
    post: operations['auth_token_fail_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/token/get/list': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    /**
     * List access tokens
     * @description Of a client, of a subject, or of both.
     */
    get: operations['auth_token_get_list_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/token/issue': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * End a password grant with tokens
     * @description RFC 6749 §4.3. The engine issues no such tickets, since RFC 9700 §2.4 forbids the grant, so every ticket is unknown here.
     */
    post: operations['auth_token_issue_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/token/revoke': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Revoke tokens
     * @description Of one token, or of a client, a subject or both. What is named first in the order of the members counts.
     */
    post: operations['auth_token_revoke_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/token/update': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Change an access token
     * @description Of a token that lives. What its subject took back stays taken back.
     */
    post: operations['auth_token_update_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/userinfo': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Begin a userinfo request
     * @description OIDC Core §5.3.1: checks the token and names the claims to collect.
     */
    post: operations['auth_userinfo_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/auth/userinfo/issue': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * End a userinfo request
     * @description OIDC Core §5.3.2: renders the claims as JSON, or signed when the client registered an algorithm.
     */
    post: operations['auth_userinfo_issue_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/authorization/delete/{clientId}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * End what a subject granted to a client
     * @description The same as the DELETE form.
     */
    post: operations['client_authorization_delete_api_post']
    /**
     * End what a subject granted to a client
     * @description All tokens of the pair end, and the memory of granted scopes is erased.
     */
    delete: operations['client_authorization_delete_api']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/authorization/delete/{clientId}/{subject}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
        /** @description The subject identifier. */
        subject: components['parameters']['subject']
      }
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /**
     * End what a subject granted to a client
     * @description The same, with the subject in the path.
     */
    delete: operations['client_authorization_delete_by_subject_api']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/authorization/get/list': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    /**
     * List the clients of a subject
     * @description Clients that hold an unexpired token of the subject.
     */
    get: operations['client_authorization_get_list_api']
    put?: never
    /**
     * List the clients of a subject
     * @description The same as the GET form.
     */
    post: operations['client_authorization_get_list_api_post']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/authorization/get/list/{subject}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
        /** @description The subject identifier. */
        subject: components['parameters']['subject']
      }
      cookie?: never
    }
    /**
     * List the clients of a subject
     * @description The same, with the subject in the path.
     */
    get: operations['client_authorization_get_list_by_subject_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/authorization/update/{clientId}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Narrow the tokens of a subject and a client
     * @description Every live token of the pair keeps at most these scopes and authorization details.
     */
    post: operations['client_authorization_update_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/create': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Register a client
     * @description The id and the secret are made by the engine. The secret is shown in this answer and never again.
     */
    post: operations['client_create_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/delete/{clientId}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /**
     * Delete a client
     * @description Its codes, tokens and granted scopes end with it.
     */
    delete: operations['client_delete_api']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/extension/requestable_scopes/delete/{clientId}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /**
     * Let a client request every scope again
     * @description The limit is gone.
     */
    delete: operations['client_extension_requestables_scopes_delete_api']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/extension/requestable_scopes/get/{clientId}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    /**
     * Read the scopes that a client may request
     * @description null when it may request all.
     */
    get: operations['client_extension_requestables_scopes_get_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/extension/requestable_scopes/update/{clientId}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    /**
     * Limit the scopes that a client may request
     * @description From now on: requests, and what refreshes bring.
     */
    put: operations['client_extension_requestables_scopes_update_api']
    /**
     * Limit the scopes that a client may request
     * @description The same as the PUT form.
     */
    post: operations['client_extension_requestables_scopes_update_api_post']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/get/{clientId}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    /**
     * Read a client
     * @description The secret is not part of it: only its hash is kept.
     */
    get: operations['client_get_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/get/list': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    /**
     * List clients
     * @description In the order of their ids.
     */
    get: operations['client_get_list_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/granted_scopes/delete/{clientId}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Erase the memory of granted scopes
     * @description The same as the DELETE form.
     */
    post: operations['client_granted_scopes_delete_api_post']
    /**
     * Erase the memory of granted scopes
     * @description Tokens are not touched.
     */
    delete: operations['client_granted_scopes_delete_api']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/granted_scopes/delete/{clientId}/{subject}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
        /** @description The subject identifier. */
        subject: components['parameters']['subject']
      }
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /**
     * Erase the memory of granted scopes
     * @description The same, with the subject in the path.
     */
    delete: operations['client_granted_scopes_delete_by_subject_api']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/granted_scopes/get/{clientId}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    /**
     * Read the memory of granted scopes
     * @description What the subject granted to the client: lately, and in all.
     */
    get: operations['client_granted_scopes_get_api']
    put?: never
    /**
     * Read the memory of granted scopes
     * @description The same as the GET form.
     */
    post: operations['client_granted_scopes_get_api_post']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/granted_scopes/get/{clientId}/{subject}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
        /** @description The subject identifier. */
        subject: components['parameters']['subject']
      }
      cookie?: never
    }
    /**
     * Read the memory of granted scopes
     * @description The same, with the subject in the path.
     */
    get: operations['client_granted_scopes_get_by_subject_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/lock_flag/update/{clientIdentifier}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientIdentifier: components['parameters']['clientIdentifier']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Lock or unlock a client
     * @description A locked client can start nothing, and its tokens are not active while it is locked.
     */
    post: operations['client_flag_update_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/secret/refresh/{clientIdentifier}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientIdentifier: components['parameters']['clientIdentifier']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    /**
     * Make a new client secret
     * @description 512 random bits. The old secret ends at once.
     */
    get: operations['client_secret_refresh_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/secret/update/{clientIdentifier}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientIdentifier: components['parameters']['clientIdentifier']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Set the client secret
     * @description For secrets that come from elsewhere. The old secret ends at once.
     */
    post: operations['client_secret_update_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/client/update/{clientId}': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Replace a client
     * @description Replaces every setting: what is left out falls back to its default. The secret is not changed here.
     */
    post: operations['client_update_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/gm': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Query or revoke a managed grant
     * @description The grant management endpoint, Grant Management for OAuth 2.0.
     */
    post: operations['grant_m_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/idtoken/reissue': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Put a new ID token into the answer to a refresh
     * @description OIDC Core §12.2. After auth/token answered `ID_TOKEN_REISSUABLE`.
     */
    post: operations['idtoken_reissue_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/pushed_auth_req': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Push an authorization request
     * @description RFC 9126 §2: authenticates the client, validates the request and keeps it.
     */
    post: operations['pushed_auth_req_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/service/configuration': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    /**
     * Read the server metadata
     * @description OIDC Discovery §3 and RFC 8414 §2.
     */
    get: operations['service_configuration_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/service/delete': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /**
     * Delete a service
     * @description Its clients, keys, codes and tokens end with it.
     */
    delete: operations['service_delete_api']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/service/get': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    /**
     * Read a service
     * @description Private keys are not part of it. Without VIEW_SERVICE the limited view is returned.
     */
    get: operations['service_get_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/service/jwks/get': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    /**
     * Read the JWK Set
     * @description RFC 7517 §5. Public keys, unless private ones are asked for by a caller that may modify the service.
     */
    get: operations['service_jwks_get_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/{serviceId}/service/update': {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Replace a service
     * @description Replaces every setting: what is left out falls back to its default, except `jwks`, which is kept.
     */
    post: operations['service_update_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/info': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What this engine is
     * @description Version and features; nothing of any service.
     */
    get: operations['info_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/lifecycle/healthcheck': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Is the engine alive?
     * @description `OK` as plain text when the engine can read its storage.
     */
    get: operations['lifecycle_healthcheck_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/service/create': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Create a service
     * @description Creates an authorization server. What is left out takes the value of the safe preset; keys are made when `jwks` is left out.
     */
    post: operations['service_create_api']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/service/get/list': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * List services
     * @description Without VIEW_SERVICE the limited view is returned.
     */
    get: operations['service_get_list_api']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
}
export type webhooks = Record<string, never>
export interface components {
  schemas: {
    /** @description A page of access tokens. */
    AccessTokenList: {
      /** @description The tokens of this page. */
      accessTokens: components['schemas']['AccessTokenRecord'][]
      /** @description The filter, when one was given. */
      client?: components['schemas']['ClientLimited']
      /** @description Last index, exclusive. */
      end: number
      /** @description Where this page ended, for `before` of the next one; absent when the page is empty. Whoever must see every authorization, an auditor for example, begins again at the front when the end is reached, until nothing new comes. An addition of this engine. */
      next?: string
      /** @description First index, inclusive. */
      start: number
      /** @description The filter, when one was given. */
      subject?: string
      /** @description How many there are in all, behind `before` if that is given. */
      totalCount: number
    }
    /** @description An access token as lists show it: its hash, never its value. */
    AccessTokenRecord: {
      /**
       * Format: int64
       * @description When the access token expires, in milliseconds since 1970; absent when it is persistent.
       */
      accessTokenExpiresAt?: number
      /** @description base64url of the SHA-256 of the token. */
      accessTokenHash: string
      /**
       * Format: int64
       * @description The numeric id of the client.
       */
      clientId: number
      /**
       * Format: int64
       * @description Milliseconds since 1970.
       */
      createdAt: number
      /** @description Those of the scopes that are values of a parameterized scope. */
      dynamicScopes?: components['schemas']['DynamicScope'][]
      /** @description The grant that was used. */
      grantType: components['schemas']['GrantType']
      /**
       * Format: int64
       * @description Milliseconds since 1970; 0 when it never was.
       */
      lastRefreshedAt?: number
      /** @description Extra properties, the hidden ones too. */
      properties?: components['schemas']['Property'][]
      /**
       * Format: int64
       * @description When the refresh token expires, in milliseconds since 1970.
       */
      refreshTokenExpiresAt?: number
      /** @description base64url of the SHA-256 of the refresh token. */
      refreshTokenHash?: string
      /** @description The scopes the refresh token can ask for. */
      refreshTokenScopes?: string[]
      /** @description Scope tokens. */
      scopes?: string[]
      /** @description The subject. */
      subject?: string
    }
    /**
     * @description OIDC Dynamic Client Registration §2.
     * @enum {string}
     */
    ApplicationType: 'WEB' | 'NATIVE'
    /**
     * @description OIDC for Identity Assurance: how attachments travel.
     * @enum {string}
     */
    AttachmentType: 'EMBEDDED' | 'EXTERNAL'
    /** @description What to do about an authorization request. */
    AuthorizationAnswer:
      | components['schemas']['AuthorizationAnswerInteraction']
      | components['schemas']['AuthorizationAnswerNoInteraction']
      | components['schemas']['AuthorizationAnswerLocation']
      | components['schemas']['AuthorizationAnswerForm']
      | components['schemas']['AuthorizationAnswerBadRequest']
      | components['schemas']['AuthorizationAnswerInternalServerError']
    /** @description Answer 400 with the JSON in `responseContent`. The redirect URI is not to be trusted. */
    AuthorizationAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 200 with the HTML page in `responseContent`, which posts itself to the client. OAuth 2.0 Form Post Response Mode §2. */
    AuthorizationAnswerForm: {
      /**
       * @description Always `FORM`.
       * @constant
       */
      action: 'FORM'
      /** @description The HTML page. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The request is good: authenticate the person and ask for consent, then call issue or fail. */
    AuthorizationAnswerInteraction: {
      /** @description Whether one of `acrs` must be met, OIDC Core §5.5.1.1. */
      acrEssential?: boolean
      /** @description Authentication context classes, in order of preference: from the `acr` claim, `acr_values`, or the client's defaults. */
      acrs?: string[]
      /**
       * @description Always `INTERACTION`.
       * @constant
       */
      action: 'INTERACTION'
      /** @description `authorization_details`, RFC 9396 §2. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /** @description Names of claims requested for the ID token. */
      claims?: string[]
      /** @description Names of claims requested for the userinfo endpoint. */
      claimsAtUserInfo?: string[]
      /** @description `claims_locales` that the service supports. */
      claimsLocales?: string[]
      /** @description The client, for the pages. */
      client: components['schemas']['ClientForInteraction']
      /** @description Whether the request named the client by its alias. */
      clientIdAliasUsed?: boolean
      /** @description `display`; PAGE when absent. */
      display?: components['schemas']['Display']
      /** @description Requested values that match a parameterized scope. */
      dynamicScopes?: components['schemas']['DynamicScope'][]
      /** @description `grant_management_action`: CREATE, MERGE or REPLACE. */
      gmAction?: components['schemas']['GrantManagementAction']
      /** @description What that grant holds now. */
      grant?: components['schemas']['Grant']
      /** @description `grant_id`: the grant that is to be merged or replaced. */
      grantId?: string
      /** @description Who gave that grant; nobody else can change it. */
      grantSubject?: string
      /** @description The `id_token` member of the `claims` parameter, as JSON. */
      idTokenClaims?: string
      /** @description `login_hint`, OIDC Core §3.1.2.1. */
      loginHint?: string
      /** @description `max_age` or the client's default, in seconds; 0 when there is none. `max_age=0` is reported as the prompt `LOGIN`. */
      maxAge: number
      /** @description `prompt`, parsed; absent when none was sent. */
      prompts?: components['schemas']['Prompt'][]
      /** @description Where the answer will go. An addition of this engine: pages show it; a remote engine may leave it out. */
      redirectUri?: string
      /** @description The claims of the request object, RFC 9101, as they came; absent when there was none, or when it was pushed. */
      requestObjectPayload?: string
      /** @description `resource`, RFC 8707 §2, in the order of the request. */
      resources?: string[]
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description The requested scopes that the service knows and the client may request; others are dropped. `offline_access` is dropped unless `prompt` contains `consent`, OIDC Core §11. */
      scopes?: components['schemas']['Scope'][]
      /** @description The service, for the pages. */
      service: components['schemas']['ServiceForInteraction']
      /** @description The subject that must answer: the `sub` requested by the `claims` parameter, or that of a verified `id_token_hint`. */
      subject?: string
      /** @description A single-use handle for the rest of this request. It never leaves the server. */
      ticket: string
      /** @description `ui_locales` that the service supports. */
      uiLocales?: string[]
      /** @description The `userinfo` member of the `claims` parameter, as JSON. */
      userInfoClaims?: string
    }
    /** @description Answer 500 with the JSON in `responseContent`. */
    AuthorizationAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Redirect the browser to the URI in `responseContent`. */
    AuthorizationAnswerLocation: {
      /**
       * @description Always `LOCATION`.
       * @constant
       */
      action: 'LOCATION'
      /** @description The redirect URI with the response parameters. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The request is good and forbids pages (`prompt=none`): decide at once, then call issue or fail. */
    AuthorizationAnswerNoInteraction: {
      /** @description Whether one of `acrs` must be met, OIDC Core §5.5.1.1. */
      acrEssential?: boolean
      /** @description Authentication context classes, in order of preference: from the `acr` claim, `acr_values`, or the client's defaults. */
      acrs?: string[]
      /**
       * @description Always `NO_INTERACTION`.
       * @constant
       */
      action: 'NO_INTERACTION'
      /** @description `authorization_details`, RFC 9396 §2. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /** @description Names of claims requested for the ID token. */
      claims?: string[]
      /** @description Names of claims requested for the userinfo endpoint. */
      claimsAtUserInfo?: string[]
      /** @description `claims_locales` that the service supports. */
      claimsLocales?: string[]
      /** @description The client, for the pages. */
      client: components['schemas']['ClientForInteraction']
      /** @description Whether the request named the client by its alias. */
      clientIdAliasUsed?: boolean
      /** @description `display`; PAGE when absent. */
      display?: components['schemas']['Display']
      /** @description Requested values that match a parameterized scope. */
      dynamicScopes?: components['schemas']['DynamicScope'][]
      /** @description `grant_management_action`: CREATE, MERGE or REPLACE. */
      gmAction?: components['schemas']['GrantManagementAction']
      /** @description What that grant holds now. */
      grant?: components['schemas']['Grant']
      /** @description `grant_id`: the grant that is to be merged or replaced. */
      grantId?: string
      /** @description Who gave that grant; nobody else can change it. */
      grantSubject?: string
      /** @description The `id_token` member of the `claims` parameter, as JSON. */
      idTokenClaims?: string
      /** @description `login_hint`, OIDC Core §3.1.2.1. */
      loginHint?: string
      /** @description `max_age` or the client's default, in seconds; 0 when there is none. `max_age=0` is reported as the prompt `LOGIN`. */
      maxAge: number
      /** @description `prompt`, parsed; absent when none was sent. */
      prompts?: components['schemas']['Prompt'][]
      /** @description Where the answer will go. An addition of this engine: pages show it; a remote engine may leave it out. */
      redirectUri?: string
      /** @description The claims of the request object, RFC 9101, as they came; absent when there was none, or when it was pushed. */
      requestObjectPayload?: string
      /** @description `resource`, RFC 8707 §2, in the order of the request. */
      resources?: string[]
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description The requested scopes that the service knows and the client may request; others are dropped. `offline_access` is dropped unless `prompt` contains `consent`, OIDC Core §11. */
      scopes?: components['schemas']['Scope'][]
      /** @description The service, for the pages. */
      service: components['schemas']['ServiceForInteraction']
      /** @description The subject that must answer: the `sub` requested by the `claims` parameter, or that of a verified `id_token_hint`. */
      subject?: string
      /** @description A single-use handle for the rest of this request. It never leaves the server. */
      ticket: string
      /** @description `ui_locales` that the service supports. */
      uiLocales?: string[]
      /** @description The `userinfo` member of the `claims` parameter, as JSON. */
      userInfoClaims?: string
    }
    /** @description An element of `authorization_details`, RFC 9396 §2, with the members that the engine does not know in `otherFields`. */
    AuthorizationDetail: {
      /** @description What may be done. */
      actions?: string[]
      /** @description What data it is about; `datatypes` on the wire. */
      dataTypes?: string[]
      /** @description A certain resource. */
      identifier?: string
      /** @description Where the resources are. */
      locations?: string[]
      /** @description A JSON object with all other members. */
      otherFields?: string
      /** @description The rights at the resource. */
      privileges?: string[]
      /** @description What kind of authorization it is. The other members depend on it. */
      type: string
    }
    /** @description `authorization_details`, RFC 9396 §2. */
    AuthorizationDetails: {
      /** @description The elements, in the order of the request. */
      elements?: components['schemas']['AuthorizationDetail'][]
    }
    /** @description The error response. */
    AuthorizationFailAnswer:
      | components['schemas']['AuthorizationFailAnswerLocation']
      | components['schemas']['AuthorizationFailAnswerForm']
      | components['schemas']['AuthorizationFailAnswerBadRequest']
      | components['schemas']['AuthorizationFailAnswerInternalServerError']
    /** @description Answer 400 with the JSON in `responseContent`. */
    AuthorizationFailAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 200 with the HTML page in `responseContent`, which posts itself to the client. OAuth 2.0 Form Post Response Mode §2. */
    AuthorizationFailAnswerForm: {
      /**
       * @description Always `FORM`.
       * @constant
       */
      action: 'FORM'
      /** @description The HTML page. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 500 with the JSON in `responseContent`. */
    AuthorizationFailAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Redirect the browser to the URI in `responseContent`. */
    AuthorizationFailAnswerLocation: {
      /**
       * @description Always `LOCATION`.
       * @constant
       */
      action: 'LOCATION'
      /** @description The redirect URI with the response parameters. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The request ends without a grant. */
    AuthorizationFailQuestion: {
      /** @description Replaces the text of `error_description`. */
      description?: string
      /**
       * @description Why; it decides the OAuth error.
       * @enum {string}
       */
      reason:
        | 'UNKNOWN'
        | 'NOT_LOGGED_IN'
        | 'MAX_AGE_NOT_SUPPORTED'
        | 'EXCEEDS_MAX_AGE'
        | 'DIFFERENT_SUBJECT'
        | 'ACR_NOT_SATISFIED'
        | 'DENIED'
        | 'SERVER_ERROR'
        | 'NOT_AUTHENTICATED'
        | 'ACCOUNT_SELECTION_REQUIRED'
        | 'CONSENT_REQUIRED'
        | 'INTERACTION_REQUIRED'
        | 'INVALID_TARGET'
        | 'INVALID_SCOPE'
        | 'UNAUTHORIZED_CLIENT'
        | 'TEMPORARILY_UNAVAILABLE'
      /** @description A single-use handle for the rest of this request. It never leaves the server. */
      ticket: string
    }
    /** @description The authorization response. */
    AuthorizationIssueAnswer:
      | components['schemas']['AuthorizationIssueAnswerLocation']
      | components['schemas']['AuthorizationIssueAnswerForm']
      | components['schemas']['AuthorizationIssueAnswerBadRequest']
      | components['schemas']['AuthorizationIssueAnswerInternalServerError']
    /** @description Answer 400 with the JSON in `responseContent`. */
    AuthorizationIssueAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 200 with the HTML page in `responseContent`, which posts itself to the client. OAuth 2.0 Form Post Response Mode §2. */
    AuthorizationIssueAnswerForm: {
      /**
       * @description Always `FORM`.
       * @constant
       */
      action: 'FORM'
      /** @description The code that was issued. */
      authorizationCode?: string
      /** @description Grant Management for OAuth 2.0: the managed grant that came of it, or that it changed. Ours alone: so a front-end can say later what the grant held. */
      grantId?: string
      /** @description The HTML page. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description What was kept with the ticket. */
      ticketInfo?: components['schemas']['TicketInfo']
    }
    /** @description Answer 500 with the JSON in `responseContent`. The ticket is unknown, expired or spent. */
    AuthorizationIssueAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Redirect the browser to the URI in `responseContent`. */
    AuthorizationIssueAnswerLocation: {
      /**
       * @description Always `LOCATION`.
       * @constant
       */
      action: 'LOCATION'
      /** @description The code that was issued. */
      authorizationCode?: string
      /** @description Grant Management for OAuth 2.0: the managed grant that came of it, or that it changed. Ours alone: so a front-end can say later what the grant held. */
      grantId?: string
      /** @description The redirect URI with the response parameters. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description What was kept with the ticket. */
      ticketInfo?: components['schemas']['TicketInfo']
    }
    /** @description The person agreed: issue what the client asked for, within what was granted. */
    AuthorizationIssueQuestion: {
      /**
       * Format: int64
       * @description Seconds. The access tokens of this authorization live no longer; 0 says nothing.
       */
      accessTokenDuration?: number
      /** @description The authentication context class that was performed, OIDC Core §2. */
      acr?: string
      /** @description What was granted of the requested authorization details. Left out, all of them; no elements grants none. An element is taken when it stays within a requested one, RFC 9396 §7.1. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /**
       * Format: int64
       * @description When the person was authenticated, in seconds since 1970.
       */
      authTime?: number
      /** @description A JSON object with the claims to put in. */
      claims?: string
      /** @description The claims the person agreed to release. Left out, they follow from the granted scopes and the `claims` parameter. */
      consentedClaims?: string[]
      /** @description Members for the header of the ID token. This engine takes none. */
      idtHeaderParams?: string
      /**
       * @description How `aud` of the ID token is written, and of those that refreshes bring. Left out, as the service says.
       * @enum {string}
       */
      idTokenAudType?: 'array' | 'string'
      /** @description A JSON object. Its members are claims of the access tokens that come of it, where those are JWTs, RFC 9068. None may have the name of a claim that the engine sets. */
      jwtAtClaims?: string
      /** @description Extra properties of the tokens that come of this authorization. Names of the members of tokens and token responses are not taken. */
      properties?: components['schemas']['Property'][]
      /**
       * Format: int64
       * @description Seconds. The whole authorization ends then, however often it is refreshed; 0 says nothing. An addition of this engine.
       */
      refreshTokenDuration?: number
      /** @description The granted scopes. Left out, the requested ones; `[]` grants none. A scope that was not requested is not granted. */
      scopes?: string[]
      /** @description Another value for the `sub` claim; the token keeps the subject. Not the id or the alias of a client either. */
      sub?: string
      /** @description The subject identifier of the resource owner: 1 to 100 printable ASCII characters, and not the id or the alias of a client, RFC 9700 §4.15. */
      subject: string
      /** @description A single-use handle for the rest of this request. It never leaves the server. */
      ticket: string
    }
    /** @description RFC 6749 §3.1: an authorization request. */
    AuthorizationQuestion: {
      /** @description Any text; kept with the ticket. */
      context?: string
      /** @description The query or form body as the front-end received it, undecoded, so that the engine sees repeated parameters. */
      parameters: string
    }
    /** @description A page of the clients that hold an unexpired token of a subject. */
    AuthorizedClientList: {
      /** @description The clients of this page. */
      clients: components['schemas']['ClientLimited'][]
      /** @description The filter, when one was given. */
      developer?: string
      /** @description Last index, exclusive. */
      end: number
      /** @description First index, inclusive. */
      start: number
      /** @description Whose tokens. */
      subject?: string
      /** @description How many there are in all. */
      totalCount: number
    }
    /** @description Which clients hold a token of this subject? */
    AuthorizedClientListQuestion: {
      /** @description Only clients of this developer. */
      developer?: string
      /** @description Last index, exclusive. */
      end?: number
      /** @description First index, inclusive. */
      start?: number
      /** @description The subject identifier of the resource owner: 1 to 100 printable ASCII characters. */
      subject: string
    }
    /**
     * @description OIDC Core §5.6.
     * @enum {string}
     */
    ClaimType: 'NORMAL' | 'AGGREGATED' | 'DISTRIBUTED'
    /** @description A client application, RFC 7591 §2 and OIDC Dynamic Client Registration §2 in the engine's words. A setting that this engine cannot honour is refused, never ignored. */
    Client: {
      /** @description OIDC Dynamic Client Registration §2. */
      applicationType?: components['schemas']['ApplicationType']
      /** @description Attributes of the client, delivered with every answer about it. The engine reads `access_token.sign_alg`, the asymmetric algorithm that makes the access tokens of this client JWTs (RFC 9068), whatever `accessTokenSignAlg` of the service says. */
      attributes?: components['schemas']['Pair'][]
      /** @description RFC 9396: the types it may use. */
      authorizationDetailsTypes?: string[]
      /** @description JARM: how the key is encrypted, to a key of the client. It goes with `authorizationSignAlg`. */
      authorizationEncryptionAlg?: components['schemas']['JweAlg']
      /** @description JARM: how the content is encrypted; A128CBC_HS256 when left out. */
      authorizationEncryptionEnc?: components['schemas']['JweEnc']
      /** @description JARM: how authorization responses are signed; needed for the response modes that end in `jwt`. */
      authorizationSignAlg?: components['schemas']['JwsAlg']
      /** @description `require_auth_time`. */
      authTimeRequired?: boolean
      /** @description Federation: whether it was registered automatically. */
      automaticallyRegistered?: boolean
      /** @description CIBA: how tokens are delivered. */
      bcDeliveryMode?: string
      /** @description CIBA: where it is notified. */
      bcNotificationEndpoint?: string
      /** @description CIBA: the one algorithm of its request objects. */
      bcRequestSignAlg?: components['schemas']['JwsAlg']
      /** @description CIBA: whether requests need a user code. */
      bcUserCodeRequired?: boolean
      /**
       * Format: int64
       * @description The numeric id, made by the engine.
       */
      readonly clientId?: number
      /** @description The `client_id` that the client uses; the numeric id when left out. Not the subject of live tokens, RFC 9700 §4.15. */
      clientIdAlias?: string
      /** @description Always true. */
      clientIdAliasEnabled?: boolean
      /** @description The name that people see. */
      clientName?: string
      /** @description The name in further languages. */
      clientNames?: components['schemas']['TaggedValue'][]
      /** @description Federation: how it registers. */
      clientRegistrationTypes?: components['schemas']['ClientRegistrationType'][]
      /** @description The secret. It is shown once, in the answer that makes it; only its hash is kept. */
      readonly clientSecret?: string
      /** @description Where the registration came from. */
      clientSource?: components['schemas']['ClientSource']
      /** @description RFC 6749 §2.1; CONFIDENTIAL when left out. */
      clientType?: components['schemas']['ClientType']
      /** @description `client_uri`: https. */
      clientUri?: string
      /** @description The home page in further languages. */
      clientUris?: components['schemas']['TaggedValue'][]
      /** @description Addresses of people responsible. */
      contacts?: string[]
      /**
       * Format: int64
       * @description Milliseconds since 1970.
       */
      readonly createdAt?: number
      /** @description Verifiable credentials: where offers are sent. */
      credentialOfferEndpoint?: string
      /** @description Verifiable credentials: whether responses must be encrypted. */
      credentialResponseEncryptionRequired?: boolean
      /** @description Further metadata as JSON text. */
      customMetadata?: string
      /** @description `default_acr_values`. */
      defaultAcrs?: string[]
      /**
       * Format: int32
       * @description `default_max_age` in seconds; 0 is none.
       */
      defaultMaxAge?: number
      /** @description The sector that pairwise subjects are made for. */
      readonly derivedSectorIdentifier?: string
      /** @description What the client is, for people. */
      description?: string
      /** @description The description in further languages. */
      descriptions?: components['schemas']['TaggedValue'][]
      /** @description Whose client it is; a filter of lists. */
      developer?: string
      /** @description Identity assurance: digest of external attachments. */
      digestAlgorithm?: string
      /** @description Whether it is known from a metadata document. */
      discoveredByMetadataDocument?: boolean
      /** @description RFC 9449 §5.2: whether its tokens must be bound with DPoP. */
      dpopRequired?: boolean
      /** @description Whether the client registered itself. */
      readonly dynamicallyRegistered?: boolean
      /** @description Federation: its entity id. */
      entityId?: string
      /** @description Federation: whether it was registered explicitly. */
      explicitlyRegistered?: boolean
      /** @description Further settings. */
      extension?: components['schemas']['ClientExtension']
      /** @description FAPI profiles enforced for this client, besides those that its scopes ask for. Where the service names some, those hold for everybody, and only they may be named. */
      fapiModes?: components['schemas']['FapiMode'][]
      /** @description As of the service, for this client. */
      frontChannelRequestObjectEncryptionRequired?: boolean
      /** @description The grants it may use; the authorization code and its refresh tokens when left out. */
      grantTypes?: components['schemas']['GrantType'][]
      /** @description `id_token_encrypted_response_alg`, to a key of the client; not encrypted when left out. */
      idTokenEncryptionAlg?: components['schemas']['JweAlg']
      /** @description `id_token_encrypted_response_enc`; A128CBC_HS256 when left out. */
      idTokenEncryptionEnc?: components['schemas']['JweEnc']
      /** @description `id_token_signed_response_alg`; ES256 when left out. */
      idTokenSignAlg?: components['schemas']['JwsAlg']
      /** @description A mark for migrations; kept only. */
      inScopeForTokenMigration?: boolean
      /** @description Its public keys as JSON text, unless `jwksUri` says where they are; private members are refused. */
      jwks?: string
      /** @description `jwks_uri`, RFC 7591 §2: where its public keys are. It wins over `jwks`, and it is read when a key is needed; https, or http on this machine. */
      jwksUri?: string
      /** @description A locked client can start nothing, and its tokens are not active. */
      locked?: boolean
      /** @description `initiate_login_uri`. */
      loginUri?: string
      /** @description `logo_uri`: https. */
      logoUri?: string
      /** @description The logo in further languages. */
      logoUris?: components['schemas']['TaggedValue'][]
      /**
       * Format: int64
       * @description Milliseconds since 1970.
       */
      metadataDocumentExpiresAt?: number
      /** @description Where its metadata document is. */
      metadataDocumentLocation?: string
      /**
       * Format: int64
       * @description Milliseconds since 1970.
       */
      metadataDocumentUpdatedAt?: number
      /**
       * Format: int64
       * @description Milliseconds since 1970.
       */
      readonly modifiedAt?: number
      /** @description `use_mtls_endpoint_aliases`. */
      mtlsEndpointAliasesUsed?: boolean
      /**
       * Format: int32
       * @description A sequential number.
       */
      readonly number?: number
      /** @description The organization that runs it. */
      organizationName?: string
      /** @description Whether it must push its requests, RFC 9126 §6. */
      parRequired?: boolean
      /** @description As of the service, for this client. */
      pkceRequired?: boolean
      /** @description As of the service, for this client. */
      pkceS256Required?: boolean
      /** @description `policy_uri`: https. */
      policyUri?: string
      /** @description The policy in further languages. */
      policyUris?: components['schemas']['TaggedValue'][]
      /** @description Compared as plain strings, RFC 9700 §2.1: absolute, no fragment, https (http on loopback for native clients and development). */
      redirectUris?: string[]
      /** @description The hash of the registration access token, RFC 7592. */
      registrationAccessTokenHash?: string
      /** @description How keys of its request objects are encrypted. */
      requestEncryptionAlg?: components['schemas']['JweAlg']
      /** @description How its request objects are encrypted. */
      requestEncryptionEnc?: components['schemas']['JweEnc']
      /** @description As of the service, for this client. */
      requestObjectEncryptionAlgMatchRequired?: boolean
      /** @description As of the service, for this client. */
      requestObjectEncryptionEncMatchRequired?: boolean
      /** @description Whether it must use request objects. */
      requestObjectRequired?: boolean
      /** @description The one algorithm of its request objects. */
      requestSignAlg?: components['schemas']['JwsAlg']
      /** @description Where its request objects may stand, RFC 9101 §5.2. A fragment of 43 characters is the SHA-256 of what stands there. */
      requestUris?: string[]
      /** @description The response modes it may use; all that the service offers when left out. */
      responseModes?: components['schemas']['ResponseMode'][]
      /** @description The response types it may use; those of the service when left out. */
      responseTypes?: components['schemas']['ResponseType'][]
      /** @description Whether it signs resource requests, RFC 9421. */
      rsRequestSigned?: boolean
      /** @description The key of those signatures. */
      rsSignedRequestKeyId?: string
      /** @description `sector_identifier_uri`, OIDC Core §8.1. */
      sectorIdentifierUri?: string
      /** @description RFC 8705 §2.2: the key of its self-signed certificate. */
      selfSignedCertificateKeyId?: string
      /**
       * Format: int32
       * @description The number of the service the client belongs to.
       */
      readonly serviceNumber?: number
      /** @description Federation: `signed_jwks_uri`. */
      signedJwksUri?: string
      /** @description As of the service, for this client. */
      singleAccessTokenPerSubject?: boolean
      /** @description `software_id`, RFC 7591 §2. */
      softwareId?: string
      /** @description `software_version`, RFC 7591 §2. */
      softwareVersion?: string
      /** @description `subject_type`; PUBLIC when left out. */
      subjectType?: components['schemas']['SubjectType']
      /** @description RFC 8705 §2.1.2. */
      tlsClientAuthSanDns?: string
      /** @description RFC 8705 §2.1.2. */
      tlsClientAuthSanEmail?: string
      /** @description RFC 8705 §2.1.2. */
      tlsClientAuthSanIp?: string
      /** @description RFC 8705 §2.1.2. */
      tlsClientAuthSanUri?: string
      /** @description RFC 8705 §2.1.2. */
      tlsClientAuthSubjectDn?: string
      /** @description RFC 8705 §3: bind the client's access tokens to its certificate. */
      tlsClientCertificateBoundAccessTokens?: boolean
      /** @description The one way it authenticates; CLIENT_SECRET_BASIC when left out, NONE for public clients. */
      tokenAuthMethod?: components['schemas']['ClientAuthMethod']
      /** @description The one algorithm of its assertions. */
      tokenAuthSignAlg?: components['schemas']['JwsAlg']
      /** @description `tos_uri`: https. */
      tosUri?: string
      /** @description The terms in further languages. */
      tosUris?: components['schemas']['TaggedValue'][]
      /** @description Federation: the anchor of its trust chain. */
      trustAnchorId?: string
      /** @description Federation: its trust chain. */
      trustChain?: string[]
      /**
       * Format: int64
       * @description Milliseconds since 1970.
       */
      trustChainExpiresAt?: number
      /**
       * Format: int64
       * @description Milliseconds since 1970.
       */
      trustChainUpdatedAt?: number
      /** @description `userinfo_encrypted_response_alg`, to a key of the client; not encrypted when left out. */
      userInfoEncryptionAlg?: components['schemas']['JweAlg']
      /** @description `userinfo_encrypted_response_enc`; A128CBC_HS256 when left out. */
      userInfoEncryptionEnc?: components['schemas']['JweEnc']
      /** @description `userinfo_signed_response_alg`; JSON when left out. */
      userInfoSignAlg?: components['schemas']['JwsAlg']
    }
    /**
     * @description How a client proves who it is: RFC 7591 §2, OIDC Core §9, RFC 8705.
     * @enum {string}
     */
    ClientAuthMethod:
      | 'NONE'
      | 'CLIENT_SECRET_BASIC'
      | 'CLIENT_SECRET_POST'
      | 'CLIENT_SECRET_JWT'
      | 'PRIVATE_KEY_JWT'
      | 'TLS_CLIENT_AUTH'
      | 'SELF_SIGNED_TLS_CLIENT_AUTH'
      | 'ATTEST_JWT_CLIENT_AUTH'
    /** @description What remains of all tokens of a subject and a client. */
    ClientAuthorizationUpdateQuestion: {
      /** @description The authorization details that remain; others are not added. Left out, nothing changes. An addition of this engine. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /** @description The scopes that remain; scopes a token does not have are not added. Left out, nothing changes. */
      scopes?: string[]
      /** @description The subject identifier of the resource owner: 1 to 100 printable ASCII characters. */
      subject: string
    }
    /** @description Further settings of a client. */
    ClientExtension: {
      /**
       * Format: int64
       * @description Seconds; 0 leaves it to the service. The shortest candidate wins.
       */
      accessTokenDuration?: number
      /**
       * Format: int64
       * @description Seconds; 0 leaves it to the service.
       */
      idTokenDuration?: number
      /**
       * Format: int64
       * @description Seconds; 0 leaves it to the service.
       */
      refreshTokenDuration?: number
      /** @description The scopes this client may request, when `requestableScopesEnabled`. */
      requestableScopes?: string[]
      /** @description Whether `requestableScopes` limits the client. */
      requestableScopesEnabled?: boolean
      /** @description Whether the client may use token exchange when only permitted clients may. */
      tokenExchangePermitted?: boolean
    }
    /** @description What a login or consent page shows of a client. Secrets and keys are never part of it. */
    ClientForInteraction: {
      /** @description OIDC Dynamic Client Registration §2. */
      applicationType?: components['schemas']['ApplicationType']
      /** @description Attributes of the client, delivered with every answer about it. */
      attributes?: components['schemas']['Pair'][]
      /** @description `require_auth_time`. */
      authTimeRequired?: boolean
      /**
       * Format: int64
       * @description The numeric id, made by the engine.
       */
      readonly clientId: number
      /** @description The `client_id` that the client uses; the numeric id when left out. */
      clientIdAlias?: string
      /** @description Always true. */
      clientIdAliasEnabled?: boolean
      /** @description The name that people see. */
      clientName?: string
      /** @description The name in further languages. */
      clientNames?: components['schemas']['TaggedValue'][]
      /** @description Where the registration came from. */
      clientSource?: components['schemas']['ClientSource']
      /** @description RFC 6749 §2.1; CONFIDENTIAL when left out. */
      clientType?: components['schemas']['ClientType']
      /** @description `client_uri`: https. */
      clientUri?: string
      /** @description The home page in further languages. */
      clientUris?: components['schemas']['TaggedValue'][]
      /**
       * Format: int64
       * @description Milliseconds since 1970.
       */
      readonly createdAt?: number
      /**
       * Format: int32
       * @description `default_max_age` in seconds; 0 is none.
       */
      defaultMaxAge?: number
      /** @description What the client is, for people. */
      description?: string
      /** @description The description in further languages. */
      descriptions?: components['schemas']['TaggedValue'][]
      /** @description Whether it is known from a metadata document. */
      discoveredByMetadataDocument?: boolean
      /** @description Whether the client registered itself. */
      readonly dynamicallyRegistered?: boolean
      /** @description The grants it may use; the authorization code and its refresh tokens when left out. An addition of this engine: pages say whether access can be renewed; a remote engine may leave it out. */
      grantTypes?: components['schemas']['GrantType'][]
      /** @description A locked client can start nothing, and its tokens are not active. */
      locked?: boolean
      /** @description `logo_uri`: https. */
      logoUri?: string
      /** @description The logo in further languages. */
      logoUris?: components['schemas']['TaggedValue'][]
      /**
       * Format: int64
       * @description Milliseconds since 1970.
       */
      readonly modifiedAt?: number
      /**
       * Format: int32
       * @description A sequential number.
       */
      readonly number?: number
      /** @description Whether it must push its requests, RFC 9126 §6. */
      parRequired?: boolean
      /** @description As of the service, for this client. */
      pkceRequired?: boolean
      /** @description As of the service, for this client. */
      pkceS256Required?: boolean
      /** @description `policy_uri`: https. */
      policyUri?: string
      /** @description The policy in further languages. */
      policyUris?: components['schemas']['TaggedValue'][]
      /** @description Compared as plain strings, RFC 9700 §2.1: absolute, no fragment, https (http on loopback for native clients and development). */
      redirectUris?: string[]
      /**
       * Format: int32
       * @description The number of the service the client belongs to.
       */
      readonly serviceNumber?: number
      /** @description `tos_uri`: https. */
      tosUri?: string
      /** @description The terms in further languages. */
      tosUris?: components['schemas']['TaggedValue'][]
    }
    /** @description What a list shows of a client. */
    ClientLimited: {
      /**
       * Format: int64
       * @description The numeric id, made by the engine.
       */
      readonly clientId: number
      /** @description The `client_id` that the client uses; the numeric id when left out. */
      clientIdAlias?: string
      /** @description Always true. */
      clientIdAliasEnabled?: boolean
      /** @description The name that people see. */
      clientName?: string
      /** @description The name in further languages. */
      clientNames?: components['schemas']['TaggedValue'][]
      /** @description RFC 6749 §2.1; CONFIDENTIAL when left out. */
      clientType?: components['schemas']['ClientType']
      /** @description What the client is, for people. */
      description?: string
      /** @description The description in further languages. */
      descriptions?: components['schemas']['TaggedValue'][]
      /**
       * Format: int32
       * @description A sequential number.
       */
      readonly number?: number
    }
    /** @description A page of clients. */
    ClientList: {
      /** @description The clients of this page. */
      clients: components['schemas']['Client'][]
      /** @description The filter, when one was given. */
      developer?: string
      /** @description Last index, exclusive. */
      end: number
      /** @description First index, inclusive. */
      start: number
      /** @description How many there are in all. */
      totalCount: number
    }
    /** @description Locks or unlocks a client. */
    ClientLockQuestion: {
      /** @description A locked client can start nothing, and its tokens are not active. */
      clientLocked: boolean
    }
    /**
     * @description OpenID Federation: how a client becomes known.
     * @enum {string}
     */
    ClientRegistrationType: 'AUTOMATIC' | 'EXPLICIT'
    /** @description The new secret, shown this once: the engine keeps only its hash. */
    ClientSecretAnswer: {
      /** @description The secret that is valid now. */
      newClientSecret: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Sets a client secret. */
    ClientSecretQuestion: {
      /** @description 1 to 86 characters of the base64url alphabet. */
      clientSecret: string
    }
    /**
     * @description Where the registration of a client came from.
     * @enum {string}
     */
    ClientSource:
      | 'DYNAMIC_REGISTRATION'
      | 'AUTOMATIC_REGISTRATION'
      | 'EXPLICIT_REGISTRATION'
      | 'METADATA_DOCUMENT'
      | 'STATIC_REGISTRATION'
    /**
     * @description RFC 6749 §2.1.
     * @enum {string}
     */
    ClientType: 'PUBLIC' | 'CONFIDENTIAL'
    /** @description RFC 8414 §2 and OIDC Discovery §3: the metadata of the service. It says exactly what works. */
    Configuration: {
      /** @description The issuer identifier. */
      issuer: string
    } & {
      [key: string]: unknown
    }
    /**
     * @description CIBA Core §5.
     * @enum {string}
     */
    DeliveryMode: 'PING' | 'POLL' | 'PUSH'
    /**
     * @description OIDC Core §3.1.2.1.
     * @enum {string}
     */
    Display: 'PAGE' | 'POPUP' | 'TOUCH' | 'WAP'
    /** @description A value that matched a parameterized scope. */
    DynamicScope: {
      /** @description The scope that declares the pattern. */
      name: string
      /** @description The value that was requested. */
      value: string
    }
    /**
     * @description Which FAPI profile is enforced.
     * @enum {string}
     */
    FapiMode:
      | 'FAPI1_ADVANCED'
      | 'FAPI1_BASELINE'
      | 'FAPI2_MESSAGE_SIGNING_AUTH_REQ'
      | 'FAPI2_MESSAGE_SIGNING_AUTH_RES'
      | 'FAPI2_MESSAGE_SIGNING_INTROSPECTION_RES'
      | 'FAPI2_SECURITY'
    /** @description What a managed grant holds, Grant Management for OAuth 2.0. */
    Grant: {
      /** @description The authorization details. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /** @description Names of the claims about the person. */
      claims?: string[]
      /** @description The scopes. */
      scopes?: components['schemas']['GrantScope'][]
    }
    /** @description The memory of consents of a subject to a client. */
    GrantedScopes: {
      /**
       * Format: int64
       * @description The numeric id of the client.
       */
      clientId: number
      /** @description What the latest authorization granted; absent when there was none. */
      latestGrantedScopes?: string[]
      /** @description What all authorizations granted together; absent when there was none. */
      mergedGrantedScopes?: string[]
      /**
       * Format: int64
       * @description Milliseconds since 1970.
       */
      modifiedAt?: number
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /**
       * Format: int64
       * @description The service.
       */
      serviceApiKey: number
      /** @description The subject. */
      subject: string
    }
    /**
     * @description What is done with a grant, Grant Management for OAuth 2.0.
     * @enum {string}
     */
    GrantManagementAction: 'CREATE' | 'QUERY' | 'REPLACE' | 'REVOKE' | 'MERGE'
    GrantManagementAnswer:
      | components['schemas']['GrantManagementAnswerOk']
      | components['schemas']['GrantManagementAnswerNoContent']
      | components['schemas']['GrantManagementAnswerUnauthorized']
      | components['schemas']['GrantManagementAnswerForbidden']
      | components['schemas']['GrantManagementAnswerNotFound']
      | components['schemas']['GrantManagementAnswerCallerError']
      | components['schemas']['GrantManagementAnswerAuthleteError']
    /** @description 500; the engine failed. */
    GrantManagementAnswerAuthleteError: {
      /**
       * @description Always `AUTHLETE_ERROR`.
       * @constant
       */
      action: 'AUTHLETE_ERROR'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description JSON. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description 500; the front-end must change what it sends. */
    GrantManagementAnswerCallerError: {
      /**
       * @description Always `CALLER_ERROR`.
       * @constant
       */
      action: 'CALLER_ERROR'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description JSON. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description 403 with a challenge: the token does not cover it, or the grant is not the caller's. */
    GrantManagementAnswerForbidden: {
      /**
       * @description Always `FORBIDDEN`.
       * @constant
       */
      action: 'FORBIDDEN'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The `WWW-Authenticate` header, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description 204: the grant is revoked, and all that came of it. */
    GrantManagementAnswerNoContent: {
      /**
       * @description Always `NO_CONTENT`.
       * @constant
       */
      action: 'NO_CONTENT'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description 404: there is no such grant. */
    GrantManagementAnswerNotFound: {
      /**
       * @description Always `NOT_FOUND`.
       * @constant
       */
      action: 'NOT_FOUND'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description JSON. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description 200 with the grant as JSON. */
    GrantManagementAnswerOk: {
      /**
       * @description Always `OK`.
       * @constant
       */
      action: 'OK'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description JSON. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description 401 with a challenge. */
    GrantManagementAnswerUnauthorized: {
      /**
       * @description Always `UNAUTHORIZED`.
       * @constant
       */
      action: 'UNAUTHORIZED'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The `WWW-Authenticate` header, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description A call of the grant management endpoint, Grant Management for OAuth 2.0. */
    GrantManagementQuestion: {
      /** @description The token that came with the call; it needs the scope `grant_management_query` or `grant_management_revoke`. */
      accessToken: string
      /** @description The certificate that the client presented in its TLS connection, as PEM. RFC 8705 §2 and §3. */
      clientCertificate?: string
      /** @description The `DPoP` header as it came, RFC 9449 §4.1. More than one are joined with commas, and refused. */
      dpop?: string
      /** @description Whether the proof needs a nonce of the server, even if the service does not ask for one. */
      dpopNonceRequired?: boolean
      /** @description QUERY or REVOKE. */
      gmAction: components['schemas']['GrantManagementAction']
      /** @description The grant. */
      grantId: string
      /** @description The method of the request; GET for QUERY and DELETE for REVOKE when it is left out. */
      htm?: string
      /** @description The address of the request; `grantManagementEndpoint` of the service, a slash and the grant id when it is left out. */
      htu?: string
    }
    /** @description Scopes that were granted together for the same resources. */
    GrantScope: {
      /** @description The resources, RFC 8707; absent when the scopes are not limited to certain ones. */
      resource?: string[]
      /** @description Scope tokens, separated by spaces. */
      scope?: string
    }
    /**
     * @description RFC 6749 and its extensions: how a client asks for tokens.
     * @enum {string}
     */
    GrantType:
      | 'AUTHORIZATION_CODE'
      | 'IMPLICIT'
      | 'PASSWORD'
      | 'CLIENT_CREDENTIALS'
      | 'REFRESH_TOKEN'
      | 'CIBA'
      | 'DEVICE_CODE'
      | 'TOKEN_EXCHANGE'
      | 'JWT_BEARER'
      | 'PRE_AUTHORIZED_CODE'
    /** @description OIDC Core §12.2. */
    IdTokenReissueAnswer:
      | components['schemas']['IdTokenReissueAnswerOk']
      | components['schemas']['IdTokenReissueAnswerCallerError']
      | components['schemas']['IdTokenReissueAnswerInternalServerError']
    /** @description The question is wrong. Answer with what auth/token said. */
    IdTokenReissueAnswerCallerError: {
      /**
       * @description Always `CALLER_ERROR`.
       * @constant
       */
      action: 'CALLER_ERROR'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer with what auth/token said. */
    IdTokenReissueAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 200 with the JSON in `responseContent`. */
    IdTokenReissueAnswerOk: {
      /**
       * @description Always `OK`.
       * @constant
       */
      action: 'OK'
      /** @description The ID token. */
      idToken: string
      /** @description The token response with the new ID token. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The tokens of a refresh, and what the new ID token says. */
    IdTokenReissueQuestion: {
      /** @description `jwtAccessToken` of the answer of auth/token, where there is one, and else `accessToken`. */
      accessToken: string
      /** @description A JSON object with the claims to put in. Left out, those of the first ID token as far as their scopes are still granted. */
      claims?: string
      /** @description Members for the header of the ID token. This engine takes none. */
      idtHeaderParams?: string
      /** @description `array` or `string`: how `aud` is written. Left out, as the authorization or the service says. */
      idTokenAudType?: string
      /** @description `refreshToken` of the same answer. */
      refreshToken: string
      /** @description The `sub` of the first ID token; another is refused. */
      sub?: string
    }
    /** @description What this engine is. */
    Info: {
      /** @description What it supports. */
      features: string[]
      /**
       * @description `per-token`: client/authorization/update leaves each token at most what remains, and gives none more than it had. An engine that leaves this out may set all tokens of the pair alike. An addition of this engine.
       * @enum {string}
       */
      narrowing?: 'per-token'
      /** @description The version of the engine. */
      version: string
    }
    /** @description Whether the protected resource may be served. */
    IntrospectionAnswer:
      | components['schemas']['IntrospectionAnswerOk']
      | components['schemas']['IntrospectionAnswerBadRequest']
      | components['schemas']['IntrospectionAnswerUnauthorized']
      | components['schemas']['IntrospectionAnswerForbidden']
      | components['schemas']['IntrospectionAnswerInternalServerError']
    /** @description Answer 400 with `WWW-Authenticate: <responseContent>`. */
    IntrospectionAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description There is such a token. */
      existent?: boolean
      /** @description Its refresh token is alive, and the person left it something to refresh. */
      refreshable?: boolean
      /** @description The challenge, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description It covers the scopes asked for. */
      sufficient?: boolean
      /** @description It has not expired. */
      usable?: boolean
    }
    /** @description Answer 403 with `WWW-Authenticate: <responseContent>`. */
    IntrospectionAnswerForbidden: {
      /**
       * @description Always `FORBIDDEN`.
       * @constant
       */
      action: 'FORBIDDEN'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description There is such a token. */
      existent?: boolean
      /** @description Its refresh token is alive, and the person left it something to refresh. */
      refreshable?: boolean
      /** @description The challenge, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description It covers the scopes asked for. */
      sufficient?: boolean
      /** @description It has not expired. */
      usable?: boolean
    }
    /** @description Answer 500 with `WWW-Authenticate: <responseContent>`. */
    IntrospectionAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description There is such a token. */
      existent?: boolean
      /** @description Its refresh token is alive, and the person left it something to refresh. */
      refreshable?: boolean
      /** @description The challenge, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description It covers the scopes asked for. */
      sufficient?: boolean
      /** @description It has not expired. */
      usable?: boolean
    }
    /** @description Serve the resource. */
    IntrospectionAnswerOk: {
      /** @description What the access token is good for; absent when it is not limited to certain resources. */
      accessTokenResources?: string[]
      /** @description The authentication context class that was performed, OIDC Core §2. */
      acr?: string
      /**
       * @description Always `OK`.
       * @constant
       */
      action: 'OK'
      /** @description What the access token is good for, RFC 9396 §9.2. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /**
       * Format: int64
       * @description When the person was authenticated, in seconds since 1970.
       */
      authTime?: number
      /** @description The `x5t#S256` of the client certificate that the token is bound to, RFC 8705 §3.1. The engine has compared it with `clientCertificate`. */
      certificateThumbprint?: string
      /** @description Attributes of the client. */
      clientAttributes?: components['schemas']['Pair'][]
      /**
       * Format: int64
       * @description The numeric id of the client.
       */
      clientId?: number
      /** @description The client id that the client was registered with. */
      clientIdAlias?: string
      /** @description Whether the request named the client by its alias. */
      clientIdAliasUsed?: boolean
      /** @description The claims the person agreed to release. Left out, they follow from the granted scopes and the `claims` parameter. */
      consentedClaims?: string[]
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description Those of the scopes that are values of a parameterized scope. */
      dynamicScopes?: components['schemas']['DynamicScope'][]
      /** @description There is such a token. */
      existent: boolean
      /**
       * Format: int64
       * @description Milliseconds since 1970; absent when it is persistent.
       */
      expiresAt?: number
      /** @description Whether the token opens an external attachment, OpenID Connect for Identity Assurance 1.0. */
      forExternalAttachment?: boolean
      /** @description What the managed grant holds now. */
      grant?: components['schemas']['Grant']
      /** @description The managed grant that the token belongs to. */
      grantId?: string
      /** @description The grant that was used. */
      grantType?: components['schemas']['GrantType']
      /** @description Extra properties of the token, the hidden ones too. */
      properties?: components['schemas']['Property'][]
      /** @description Its refresh token is alive, and the person left it something to refresh. */
      refreshable: boolean
      /** @description What the authorization was limited to, RFC 8707. */
      resources?: string[]
      /** @description Unused. */
      responseContent?: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description The scopes with their attributes. */
      scopeDetails?: components['schemas']['Scope'][]
      /** @description Scope tokens. */
      scopes?: string[]
      /** @description Attributes of the service. */
      serviceAttributes?: components['schemas']['Pair'][]
      /** @description The subject of the token. */
      subject?: string
      /** @description It covers the scopes asked for. */
      sufficient: boolean
      /** @description It has not expired. */
      usable: boolean
    }
    /** @description Answer 401 with `WWW-Authenticate: <responseContent>`. */
    IntrospectionAnswerUnauthorized: {
      /**
       * @description Always `UNAUTHORIZED`.
       * @constant
       */
      action: 'UNAUTHORIZED'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description There is such a token. */
      existent?: boolean
      /** @description Its refresh token is alive, and the person left it something to refresh. */
      refreshable?: boolean
      /** @description The challenge, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description It covers the scopes asked for. */
      sufficient?: boolean
      /** @description It has not expired. */
      usable?: boolean
    }
    /** @description May this token be used here? For resource servers that call the engine themselves. */
    IntrospectionQuestion: {
      /** @description One of these must have been performed, RFC 9470 §3; they stand in the challenge, with spaces between. */
      acrValues?: string[]
      /** @description The certificate that the client presented in its TLS connection, as PEM. RFC 8705 §2 and §3. */
      clientCertificate?: string
      /** @description The `DPoP` header as it came, RFC 9449 §4.1. More than one are joined with commas, and refused. */
      dpop?: string
      /** @description Whether the proof needs a nonce of the server, even if the service does not ask for one. */
      dpopNonceRequired?: boolean
      /** @description This engine refuses it. */
      headers?: components['schemas']['Pair'][]
      /** @description The method of the request to the resource; it goes with `dpop`. */
      htm?: string
      /** @description The address of the request to the resource, without its query; it goes with `dpop`. */
      htu?: string
      /**
       * Format: int64
       * @description The person must have been authenticated within so many seconds, RFC 9470 §3.
       */
      maxAge?: number
      /** @description This engine refuses it. */
      message?: string
      /** @description This engine refuses it. */
      requestBodyContained?: boolean
      /** @description This engine refuses it. */
      requiredComponents?: string[]
      /** @description The token must be good for all of these, RFC 8707. */
      resources?: string[]
      /** @description All of these must be covered. RFC 6749 §3.3; they stand in the challenge. */
      scopes?: string[]
      /** @description The token must belong to this subject. */
      subject?: string
      /** @description This engine refuses it. */
      targetUri?: string
      /** @description The token as it was presented. Without one, or with an empty one, the answer is `BAD_REQUEST`. */
      token?: string
      /** @description This engine refuses it. */
      uri?: string
    }
    /**
     * @description RFC 7518 §4.1: key management algorithms, with underscores for hyphens.
     * @enum {string}
     */
    JweAlg:
      | 'RSA1_5'
      | 'RSA_OAEP'
      | 'RSA_OAEP_256'
      | 'A128KW'
      | 'A192KW'
      | 'A256KW'
      | 'DIR'
      | 'ECDH_ES'
      | 'ECDH_ES_A128KW'
      | 'ECDH_ES_A192KW'
      | 'ECDH_ES_A256KW'
      | 'A128GCMKW'
      | 'A192GCMKW'
      | 'A256GCMKW'
      | 'PBES2_HS256_A128KW'
      | 'PBES2_HS384_A192KW'
      | 'PBES2_HS512_A256KW'
    /**
     * @description RFC 7518 §5.1: content encryption algorithms.
     * @enum {string}
     */
    JweEnc: 'A128CBC_HS256' | 'A192CBC_HS384' | 'A256CBC_HS512' | 'A128GCM' | 'A192GCM' | 'A256GCM'
    /** @description RFC 7517 §4: one key. */
    Jwk: {
      /** @description The algorithm the key is for. */
      alg?: string
      /** @description Key id, unique in its set. */
      kid?: string
      /** @description Key type. */
      kty: string
      /** @description `sig` or `enc`. */
      use?: string
    } & {
      [key: string]: unknown
    }
    /** @description RFC 7517 §5. */
    JwkSet: {
      /** @description The keys. */
      keys: components['schemas']['Jwk'][]
    }
    /**
     * @description RFC 7518 §3.1: signature algorithms.
     * @enum {string}
     */
    JwsAlg:
      | 'NONE'
      | 'HS256'
      | 'HS384'
      | 'HS512'
      | 'RS256'
      | 'RS384'
      | 'RS512'
      | 'ES256'
      | 'ES384'
      | 'ES512'
      | 'PS256'
      | 'PS384'
      | 'PS512'
      | 'ES256K'
      | 'EdDSA'
    /** @description A URI with its metadata name. */
    NamedUri: {
      /** @description The metadata name, for example `token_endpoint`. */
      name: string
      /** @description The absolute URI. */
      uri: string
    }
    /** @description A name and a value: attributes of services, clients and scopes. */
    Pair: {
      /** @description The name. */
      key: string
      /** @description The value; always text. */
      value: string
    }
    /**
     * @description OIDC Core §3.1.2.1 and Initiating User Registration.
     * @enum {string}
     */
    Prompt: 'NONE' | 'LOGIN' | 'CONSENT' | 'SELECT_ACCOUNT' | 'CREATE'
    /** @description An extra property of a token: a name and a value of the front-end. */
    Property: {
      /** @description A hidden one is never shown to clients. Others are members of the token response, of signed access tokens and of the introspection response. */
      hidden?: boolean
      /** @description The name, 1 to 255 visible ASCII characters. */
      key: string
      /** @description The value; always text. */
      value: string
    }
    /** @description RFC 9126 §2.2 and §2.3. */
    PushedAuthorizationAnswer:
      | components['schemas']['PushedAuthorizationAnswerCreated']
      | components['schemas']['PushedAuthorizationAnswerBadRequest']
      | components['schemas']['PushedAuthorizationAnswerUnauthorized']
      | components['schemas']['PushedAuthorizationAnswerForbidden']
      | components['schemas']['PushedAuthorizationAnswerPayloadTooLarge']
      | components['schemas']['PushedAuthorizationAnswerInternalServerError']
    /** @description Answer 400 with the JSON in `responseContent`. */
    PushedAuthorizationAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description How the client was authenticated. */
      clientAuthMethod?: components['schemas']['ClientAuthMethod']
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 201 with the JSON in `responseContent`. */
    PushedAuthorizationAnswerCreated: {
      /**
       * @description Always `CREATED`.
       * @constant
       */
      action: 'CREATED'
      /** @description How the client was authenticated. */
      clientAuthMethod?: components['schemas']['ClientAuthMethod']
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The request URI. */
      requestUri: string
      /** @description `request_uri` and `expires_in` as JSON. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 403 with the JSON in `responseContent`. */
    PushedAuthorizationAnswerForbidden: {
      /**
       * @description Always `FORBIDDEN`.
       * @constant
       */
      action: 'FORBIDDEN'
      /** @description How the client was authenticated. */
      clientAuthMethod?: components['schemas']['ClientAuthMethod']
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 500 with the JSON in `responseContent`. */
    PushedAuthorizationAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description How the client was authenticated. */
      clientAuthMethod?: components['schemas']['ClientAuthMethod']
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 413 with the JSON in `responseContent`. */
    PushedAuthorizationAnswerPayloadTooLarge: {
      /**
       * @description Always `PAYLOAD_TOO_LARGE`.
       * @constant
       */
      action: 'PAYLOAD_TOO_LARGE'
      /** @description How the client was authenticated. */
      clientAuthMethod?: components['schemas']['ClientAuthMethod']
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 401 with the JSON in `responseContent`. */
    PushedAuthorizationAnswerUnauthorized: {
      /**
       * @description Always `UNAUTHORIZED`.
       * @constant
       */
      action: 'UNAUTHORIZED'
      /** @description How the client was authenticated. */
      clientAuthMethod?: components['schemas']['ClientAuthMethod']
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description RFC 9126 §2.1: a pushed authorization request. */
    PushedAuthorizationQuestion: {
      /** @description The certificate that the client presented in its TLS connection, as PEM. RFC 8705 §2 and §3. */
      clientCertificate?: string
      /** @description The certificates that the client presented with it, as PEM, the issuer of each after it, without the certificate itself. */
      clientCertificatePath?: string[]
      /** @description The client id from the `Authorization: Basic` header, decoded. */
      clientId?: string
      /** @description The client secret from the `Authorization: Basic` header, decoded. */
      clientSecret?: string
      /** @description The `DPoP` header as it came, RFC 9449 §4.1. More than one are joined with commas, and refused. */
      dpop?: string
      /** @description Whether the proof needs a nonce of the server, even if the service does not ask for one. */
      dpopNonceRequired?: boolean
      /** @description The method of the request; POST when it is left out. */
      htm?: string
      /** @description The address of the request without its query; `pushedAuthReqEndpoint` of the service when it is left out. */
      htu?: string
      /** @description The query or form body as the front-end received it, undecoded, so that the engine sees repeated parameters. */
      parameters: string
    }
    /** @description The scopes that a client may request. */
    RequestableScopes: {
      /** @description null: all that the service supports; no elements: none. */
      requestableScopes: string[] | null
    }
    /**
     * @description How the authorization response travels: OAuth 2.0 Multiple Response Types §2.1, Form Post, JARM §2.3.
     * @enum {string}
     */
    ResponseMode: 'QUERY' | 'FRAGMENT' | 'FORM_POST' | 'JWT' | 'QUERY_JWT' | 'FRAGMENT_JWT' | 'FORM_POST_JWT'
    /**
     * @description RFC 6749 §3.1.1 and OAuth 2.0 Multiple Response Types: what the authorization endpoint returns.
     * @enum {string}
     */
    ResponseType:
      'NONE' | 'CODE' | 'TOKEN' | 'ID_TOKEN' | 'CODE_TOKEN' | 'CODE_ID_TOKEN' | 'ID_TOKEN_TOKEN' | 'CODE_ID_TOKEN_TOKEN'
    /** @description An API fault, and the envelope of every management answer. */
    Result: {
      /** @description `A` and six digits; the third digit from the right is the class: 0 success, 1 engine, 2 caller, 3 client application. */
      resultCode: string
      /** @description `[code] text`: what was wrong, what was expected, how to mend it. */
      resultMessage: string
    }
    /** @description RFC 7009 §2.2. */
    RevocationAnswer:
      | components['schemas']['RevocationAnswerOk']
      | components['schemas']['RevocationAnswerBadRequest']
      | components['schemas']['RevocationAnswerInvalidClient']
      | components['schemas']['RevocationAnswerInternalServerError']
    /** @description Answer 400 with the JSON in `responseContent`. */
    RevocationAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 500 with the JSON in `responseContent`. */
    RevocationAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 401 with the JSON in `responseContent`. Add `WWW-Authenticate` when the request used the Authorization header. */
    RevocationAnswerInvalidClient: {
      /**
       * @description Always `INVALID_CLIENT`.
       * @constant
       */
      action: 'INVALID_CLIENT'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 200 with an empty body. */
    RevocationAnswerOk: {
      /**
       * @description Always `OK`.
       * @constant
       */
      action: 'OK'
      /** @description Nothing. */
      responseContent?: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description RFC 7009 §2.1. */
    RevocationQuestion: {
      /** @description The certificate that the client presented in its TLS connection, as PEM. RFC 8705 §2 and §3. */
      clientCertificate?: string
      /** @description The certificates that the client presented with it, as PEM, the issuer of each after it, without the certificate itself. */
      clientCertificatePath?: string[]
      /** @description The client id from the `Authorization: Basic` header, decoded. */
      clientId?: string
      /** @description The client secret from the `Authorization: Basic` header, decoded. */
      clientSecret?: string
      /** @description The query or form body as the front-end received it, undecoded, so that the engine sees repeated parameters. */
      parameters: string
    }
    /** @description RFC 6749 §3.3: a scope that the service knows. */
    Scope: {
      /** @description Policy that travels with the scope; docs/consent.md lists what the front-end reads. The engine reads `regex`, a pattern (RE2, for whole values) that makes it a parameterized scope, and `access_token.duration`, `refresh_token.duration` and `id_token.duration`, the most seconds that a token with the scope lives. */
      attributes?: components['schemas']['Pair'][]
      /** @description Granted by default when a request carries no `scope`. */
      defaultEntry?: boolean
      /** @description One sentence for people, in the language of the service. */
      description?: string
      /** @description The same sentence in further languages. */
      descriptions?: components['schemas']['TaggedValue'][]
      /** @description The scope token. */
      name: string
    }
    /** @description An authorization server as the engine knows it: its issuer, its endpoints, its policy and its keys. A setting that this engine cannot honour is refused, never ignored. */
    Service: {
      /**
       * Format: int64
       * @description Lifetime of an access token in seconds.
       */
      accessTokenDuration?: number
      /** @description Identity assurance: access tokens in external attachments. */
      accessTokenForExternalAttachmentEmbedded?: boolean
      /** @description Makes access tokens JWTs, RFC 9068; null keeps them opaque. For one client, its attribute `access_token.sign_alg` does. */
      accessTokenSignAlg?: components['schemas']['JwsAlg'] | null
      /** @description The key that signs access tokens. */
      accessTokenSignatureKeyId?: string
      /** @description `token_type` of the token response. */
      accessTokenType?: string
      /**
       * Format: int32
       * @description Leeway for `exp`, `iat` and `nbf` in seconds, 0 to 60.
       */
      allowableClockSkew?: number
      /**
       * Format: int64
       * @description The id of the service: `serviceId` in every path.
       */
      readonly apiKey?: number
      /** @description Of the older API with Basic authentication; never returned here. */
      readonly apiSecret?: string
      /** @description Attributes of the service, delivered with many answers. The engine reads `authorization_details.schema.<type>`, the JSON Schema of a type of authorization details; its keyword `x-narrowing` (`fixed`, `subset`, `atMost`, `notAfter`) says how a member may be narrowed. `resource.name:<uri>` names a resource, RFC 8707; where there is such an attribute, requests can name those resources and the issuer only. */
      attributes?: components['schemas']['Pair'][]
      /** @description Of the older hosted login; kept only. */
      authenticationCallbackApiKey?: string
      /** @description Of the older hosted login; refused, since it would be a secret in the clear. */
      authenticationCallbackApiSecret?: string
      /** @description Of the older hosted login; kept only. */
      authenticationCallbackEndpoint?: string
      /** @description Federation: superiors of this entity. */
      authorityHints?: string[]
      /**
       * Format: int64
       * @description Lifetime of an authorization code in seconds, at most 600; 0 means 60. Under FAPI 2.0, 60 at most.
       */
      authorizationCodeDuration?: number
      /** @description `authorization_endpoint` of the metadata. */
      authorizationEndpoint?: string
      /**
       * Format: int64
       * @description Lifetime of a JARM response in seconds, at most 600; 600 when left out.
       */
      authorizationResponseDuration?: number
      /** @description The key that signs authorization responses. */
      authorizationSignatureKeyId?: string
      /** @description `backchannel_authentication_endpoint` of the metadata. */
      backchannelAuthenticationEndpoint?: string
      /**
       * Format: int32
       * @description Lifetime of `auth_req_id` in seconds.
       */
      backchannelAuthReqIdDuration?: number
      /** @description Whether FAPI-CIBA needs `binding_message`. */
      backchannelBindingMessageRequiredInFapi?: boolean
      /**
       * Format: int32
       * @description CIBA polling interval in seconds.
       */
      backchannelPollingInterval?: number
      /** @description Whether CIBA requests may carry `user_code`. */
      backchannelUserCodeParameterSupported?: boolean
      /** @description Locations that may be read. */
      cimdAllowlist?: string[]
      /** @description Whether only listed metadata documents are read. */
      cimdAllowlistEnabled?: boolean
      /** @description Whether metadata documents are read anew each time. */
      cimdAlwaysRetrieved?: boolean
      /** @description Whether metadata documents may be at http locations. */
      cimdHttpPermitted?: boolean
      /** @description The policy for metadata documents as JSON text. */
      cimdMetadataPolicy?: string
      /** @description Whether a policy is applied to client id metadata documents. */
      cimdMetadataPolicyEnabled?: boolean
      /** @description Whether metadata document locations may have a query. */
      cimdQueryPermitted?: boolean
      /** @description Whether claims asked for by scopes stay out of the ID token when an access token is issued, OIDC Core §5.4. */
      claimShortcutRestrictive?: boolean
      /** @description Whether `aud` of a client assertion must be the issuer, as one string. */
      clientAssertionAudRestrictedToIssuer?: boolean
      /** @description Always true: every client may have an alias. */
      clientIdAliasEnabled?: boolean
      /** @description Whether a client id may be the URL of its metadata. */
      clientIdMetadataDocumentSupported?: boolean
      /**
       * Format: int32
       * @description How many clients one developer may register; 0 is no limit.
       */
      clientsPerDeveloper?: number
      /**
       * Format: int64
       * @description Verifiable credentials: lifetime of `c_nonce` in seconds.
       */
      cnonceDuration?: number
      /**
       * Format: int64
       * @description Milliseconds since 1970.
       */
      readonly createdAt?: number
      /**
       * Format: int64
       * @description Verifiable credentials: lifetime of a credential in seconds.
       */
      credentialDuration?: number
      /** @description Verifiable credentials: issuer metadata. */
      credentialIssuerMetadata?: {
        [key: string]: unknown
      }
      /** @description Verifiable credentials: the issuer's keys as JSON text. */
      credentialJwks?: string
      /** @description Verifiable credentials: where the issuer's keys are. */
      credentialJwksUri?: string
      /**
       * Format: int64
       * @description Verifiable credentials: lifetime of an offer in seconds.
       */
      credentialOfferDuration?: number
      /**
       * Format: int64
       * @description Verifiable credentials: lifetime of a transaction in seconds.
       */
      credentialTransactionDuration?: number
      /** @description Whether a `software_id` may register once only. */
      dcrDuplicateSoftwareIdBlocked?: boolean
      /** @description Whether `scope` of a registration limits what the client may request. */
      dcrScopeUsedAsRequestable?: boolean
      /** @description What the service is, for people. */
      description?: string
      /** @description Of the older developer console; kept only. */
      developerAuthenticationCallbackApiKey?: string
      /** @description Of the older developer console; refused, since it would be a secret in the clear. */
      developerAuthenticationCallbackApiSecret?: string
      /** @description Of the older developer console; kept only. */
      developerAuthenticationCallbackEndpoint?: string
      /** @description `device_authorization_endpoint` of the metadata. */
      deviceAuthorizationEndpoint?: string
      /**
       * Format: int32
       * @description Lifetime of a device code in seconds.
       */
      deviceFlowCodeDuration?: number
      /**
       * Format: int32
       * @description Device polling interval in seconds.
       */
      deviceFlowPollingInterval?: number
      /** @description Where people enter a user code. */
      deviceVerificationUri?: string
      /** @description The same with the literal USER_CODE in it. */
      deviceVerificationUriComplete?: string
      /** @description Of the older hosted endpoints; not served. */
      directAuthorizationEndpointEnabled?: boolean
      /** @description Of the older hosted endpoints; not served. */
      directIntrospectionEndpointEnabled?: boolean
      /** @description Of the older hosted endpoints; not served. */
      directJwksEndpointEnabled?: boolean
      /** @description Of the older hosted endpoints; not served. */
      directRevocationEndpointEnabled?: boolean
      /** @description Of the older hosted endpoints; not served. */
      directTokenEndpointEnabled?: boolean
      /** @description Of the older hosted endpoints; not served. */
      directUserInfoEndpointEnabled?: boolean
      /**
       * Format: int64
       * @description Seconds for which a new DPoP nonce is given out; it is taken for as long again. 0 means 300.
       */
      dpopNonceDuration?: number
      /** @description RFC 9449 §8: whether DPoP proofs need a nonce of the server. */
      dpopNonceRequired?: boolean
      /** @description Whether clients may register themselves, RFC 7591. */
      dynamicRegistrationSupported?: boolean
      /** @description `end_session_endpoint` of the metadata. */
      endSessionEndpoint?: string
      /** @description Leaves `error_description` out of OAuth errors. */
      errorDescriptionOmitted?: boolean
      /** @description Leaves `error_uri` out of OAuth errors. */
      errorUriOmitted?: boolean
      /** @description FAPI profiles enforced for every client. */
      fapiModes?: components['schemas']['FapiMode'][]
      /** @description Federation: lifetime of the entity configuration in seconds. */
      federationConfigurationDuration?: number
      /** @description Whether OpenID Federation is spoken. */
      federationEnabled?: boolean
      /** @description Federation: signing keys as JSON text. */
      federationJwks?: string
      /** @description `federation_registration_endpoint` of the metadata. */
      federationRegistrationEndpoint?: string
      /** @description Federation: the key that signs. */
      federationSignatureKeyId?: string
      /** @description Whether request objects at the authorization endpoint must be encrypted. */
      frontChannelRequestObjectEncryptionRequired?: boolean
      /** @description Whether every request needs `grant_management_action`. */
      grantManagementActionRequired?: boolean
      /** @description `grant_management_endpoint` of the metadata. */
      grantManagementEndpoint?: string
      /** @description Keys of the hardware module. */
      hsks?: {
        [key: string]: unknown
      }[]
      /** @description Whether keys of a hardware module are used. */
      hsmEnabled?: boolean
      /** @description Whether client aliases that begin with http:// or https:// are refused. */
      httpAliasProhibited?: boolean
      /** @description Whether `aud` of ID tokens is an `array` or a `string`. */
      idTokenAudType?: string
      /**
       * Format: int64
       * @description Lifetime of an ID token in seconds.
       */
      idTokenDuration?: number
      /** @description Whether a refresh may be followed by idtoken/reissue. */
      idTokenReissuable?: boolean
      /** @description The key that signs ID tokens. */
      idTokenSignatureKeyId?: string
      /** @description `introspection_endpoint` of the metadata. */
      introspectionEndpoint?: string
      /** @description The key that signs introspection responses. */
      introspectionSignatureKeyId?: string
      /** @description Leaves `iss` out of authorization responses, against RFC 9207. */
      issSuppressed?: boolean
      /** @description The issuer identifier, RFC 8414 §2: https (http on loopback), no query, no fragment. */
      issuer?: string
      /** @description The JWK Set as JSON text. Private keys go in and never come out. */
      jwks?: string
      /** @description `jwks_uri` of the metadata. */
      jwksUri?: string
      /** @description JWT bearer grant: only clients that say who they are. */
      jwtGrantByIdentifiableClientsOnly?: boolean
      /** @description JWT bearer grant: refuse encrypted assertions. */
      jwtGrantEncryptedJwtRejected?: boolean
      /** @description JWT bearer grant: refuse unsigned assertions. */
      jwtGrantUnsignedJwtRejected?: boolean
      /** @description RFC 8252 §7.3: whether the port of a loopback redirect URI may differ. */
      loopbackRedirectionUriVariable?: boolean
      /** @description Facts about the service, as name and value. */
      metadata?: components['schemas']['Pair'][]
      /** @description Whether a public client may leave out `client_id` at the token endpoint. */
      missingClientIdAllowed?: boolean
      /**
       * Format: int64
       * @description Milliseconds since 1970.
       */
      readonly modifiedAt?: number
      /** @description RFC 8705 §5: `mtls_endpoint_aliases`. */
      mtlsEndpointAliases?: components['schemas']['NamedUri'][]
      /** @description Whether the chain of a client certificate is validated. */
      mutualTlsValidatePkiCertChain?: boolean
      /** @description Whether Native SSO is spoken. */
      nativeSsoSupported?: boolean
      /** @description Whether request objects that must be short-lived (FAPI) may leave out `nbf`. */
      nbfOptional?: boolean
      /**
       * Format: int32
       * @description A sequential number.
       */
      readonly number?: number
      /** @description Verifiable credentials: which version. */
      oid4vciVersion?: string
      /** @description Whether `openid` leaves a refreshed token without `offline_access`. */
      openidDroppedOnRefreshWithoutOfflineAccess?: boolean
      /** @description The organization that runs the service. */
      organizationName?: string
      /** @description Whether every authorization request must be pushed, RFC 9126 §5. */
      parRequired?: boolean
      /** @description Whether an authorization code request needs `code_challenge`, RFC 7636. */
      pkceRequired?: boolean
      /** @description Whether `code_challenge_method` must be S256. */
      pkceS256Required?: boolean
      /** @description `op_policy_uri` of the metadata. */
      policyUri?: string
      /** @description Verifiable credentials: pre-authorized codes without a client id. */
      preAuthorizedGrantAnonymousAccessSupported?: boolean
      /** @description Transformed claims that every client may use, as JSON text. */
      predefinedTransformedClaims?: string
      /**
       * Format: int64
       * @description Lifetime of a pushed request in seconds.
       */
      pushedAuthReqDuration?: number
      /** @description `pushed_authorization_request_endpoint` of the metadata. */
      pushedAuthReqEndpoint?: string
      /**
       * Format: int64
       * @description Lifetime of a refresh token in seconds.
       */
      refreshTokenDuration?: number
      /** @description Whether a rotated refresh token inherits the remaining lifetime. */
      refreshTokenDurationKept?: boolean
      /** @description Whether the use of a kept refresh token renews its lifetime. */
      refreshTokenDurationReset?: boolean
      /** @description Whether a repeat with a rotated refresh token, within sixty seconds and before its successor is used, gets the same tokens again. */
      refreshTokenIdempotent?: boolean
      /** @description Whether a refresh token stays the same when used; otherwise it is rotated. */
      refreshTokenKept?: boolean
      /** @description `registration_endpoint` of the metadata. */
      registrationEndpoint?: string
      /** @description Base of `registration_client_uri`, RFC 7592. */
      registrationManagementEndpoint?: string
      /** @description Whether `aud` of a request object must contain the issuer. */
      requestObjectAudienceChecked?: boolean
      /** @description Whether the JWE `alg` must be the client's. */
      requestObjectEncryptionAlgMatchRequired?: boolean
      /** @description Whether the JWE `enc` must be the client's. */
      requestObjectEncryptionEncMatchRequired?: boolean
      /** @description Whether every authorization request must carry a request object. */
      requestObjectRequired?: boolean
      /** @description The key that signs resource responses. */
      resourceSignatureKeyId?: string
      /** @description `revocation_endpoint` of the metadata. */
      revocationEndpoint?: string
      /** @description Whether resource servers sign their responses, RFC 9421. */
      rsResponseSigned?: boolean
      /** @description Whether a request without scopes is refused with `invalid_scope`. */
      scopeRequired?: boolean
      /** @description `service_documentation` of the metadata. */
      serviceDocumentation?: string
      /** @description The name that people see. */
      serviceName?: string
      /**
       * Format: int32
       * @description The organization that owns the service.
       */
      readonly serviceOwnerNumber?: number
      /** @description Federation: `signed_jwks_uri`. */
      signedJwksUri?: string
      /** @description Whether an authorization of a subject ends the earlier ones of the same client, with their access and refresh tokens. */
      singleAccessTokenPerSubject?: boolean
      /** @description Of the older hosted login; refused, since they would be secrets in the clear. */
      snsCredentials?: {
        [key: string]: unknown
      }[]
      /** @description Authentication context classes that the front-end can perform: `acr_values_supported`. */
      supportedAcrs?: string[]
      /** @description Identity assurance: attachment types. */
      supportedAttachments?: components['schemas']['AttachmentType'][]
      /** @description RFC 9396: types of authorization details. */
      supportedAuthorizationDetailsTypes?: string[]
      /** @description CIBA delivery modes. */
      supportedBackchannelTokenDeliveryModes?: components['schemas']['DeliveryMode'][]
      /** @description `claims_locales_supported`. */
      supportedClaimLocales?: string[]
      /** @description Claims that the front-end can supply: `claims_supported`. */
      supportedClaims?: string[]
      /** @description `claim_types_supported`. */
      supportedClaimTypes?: components['schemas']['ClaimType'][]
      /** @description Federation: how clients register. */
      supportedClientRegistrationTypes?: components['schemas']['ClientRegistrationType'][]
      /** @description Names of further client metadata that registration keeps. */
      supportedCustomClientMetadata?: string[]
      /** @description Identity assurance: digest algorithms. */
      supportedDigestAlgorithms?: string[]
      /** @description `display_values_supported`. */
      supportedDisplays?: components['schemas']['Display'][]
      /** @description Identity assurance: documents. */
      supportedDocuments?: string[]
      /** @description Identity assurance: document check methods. */
      supportedDocumentsCheckMethods?: string[]
      /** @description Identity assurance: document methods. */
      supportedDocumentsMethods?: string[]
      /** @description Identity assurance: document validation methods. */
      supportedDocumentsValidationMethods?: string[]
      /** @description Identity assurance: document verification methods. */
      supportedDocumentsVerificationMethods?: string[]
      /** @description Identity assurance: electronic records. */
      supportedElectronicRecords?: string[]
      /** @description Identity assurance: kinds of evidence. */
      supportedEvidence?: string[]
      /** @description Grants that the token endpoint serves: `grant_types_supported`. */
      supportedGrantTypes?: components['schemas']['GrantType'][]
      /** @description Identity assurance: identity documents. */
      supportedIdentityDocuments?: string[]
      /** @description `introspection_endpoint_auth_methods_supported`. */
      supportedIntrospectionAuthMethods?: components['schemas']['ClientAuthMethod'][]
      /** @description `prompt_values_supported`. */
      supportedPromptValues?: components['schemas']['Prompt'][]
      /** @description Response types that the authorization endpoint serves: `response_types_supported`. */
      supportedResponseTypes?: components['schemas']['ResponseType'][]
      /** @description `revocation_endpoint_auth_methods_supported`. */
      supportedRevocationAuthMethods?: components['schemas']['ClientAuthMethod'][]
      /** @description The scopes of the service, with their texts and policy. */
      supportedScopes?: components['schemas']['Scope'][]
      /** @description Families of rules: FAPI processing needs FAPI here. */
      supportedServiceProfiles?: components['schemas']['ServiceProfile'][]
      /** @description Of the older hosted login; kept only. */
      supportedSnses?: 'FACEBOOK'[]
      /** @description How clients may authenticate: `token_endpoint_auth_methods_supported`. */
      supportedTokenAuthMethods?: components['schemas']['ClientAuthMethod'][]
      /** @description Identity assurance: trust frameworks. */
      supportedTrustFrameworks?: string[]
      /** @description Languages of the pages: `ui_locales_supported`. */
      supportedUiLocales?: string[]
      /** @description Identity assurance: verification methods. */
      supportedVerificationMethods?: string[]
      /** @description Identity assurance: verified claims. */
      supportedVerifiedClaims?: string[]
      /** @description RFC 8705 §3: whether tokens may be bound to client certificates. */
      tlsClientCertificateBoundAccessTokens?: boolean
      /** @description Where results of token batches are posted. */
      tokenBatchNotificationEndpoint?: string
      /** @description `token_endpoint` of the metadata. */
      tokenEndpoint?: string
      /** @description Token exchange: only confidential clients. */
      tokenExchangeByConfidentialClientsOnly?: boolean
      /** @description Token exchange: only clients that say who they are. */
      tokenExchangeByIdentifiableClientsOnly?: boolean
      /** @description Token exchange: only clients with `tokenExchangePermitted`. */
      tokenExchangeByPermittedClientsOnly?: boolean
      /** @description Token exchange: refuse encrypted JWTs. */
      tokenExchangeEncryptedJwtRejected?: boolean
      /** @description Token exchange: refuse unsigned JWTs. */
      tokenExchangeUnsignedJwtRejected?: boolean
      /** @description Whether an access token may not outlive its refresh token. */
      tokenExpirationLinked?: boolean
      /** @description `op_tos_uri` of the metadata. */
      tosUri?: string
      /** @description OIDC Core §6.1 merge rules for request objects; otherwise RFC 9101. */
      traditionalRequestObjectProcessingApplied?: boolean
      /** @description Federation: the entities that trust begins with. */
      trustAnchors?: {
        [key: string]: unknown
      }[]
      /** @description Roots for client certificates, PEM. */
      trustedRootCertificates?: string[]
      /** @description Whether client configuration may be answered with 401. */
      unauthorizedOnClientConfigSupported?: boolean
      /** @description The letters of user codes. */
      userCodeCharset?: components['schemas']['UserCodeCharset']
      /**
       * Format: int32
       * @description The length of user codes; 0 leaves it to the engine.
       */
      userCodeLength?: number
      /** @description `userinfo_endpoint` of the metadata. */
      userInfoEndpoint?: string
      /** @description The key that signs userinfo. */
      userInfoSignatureKeyId?: string
      /**
       * Format: int32
       * @description Verifiable credentials: length of the PIN.
       */
      userPinLength?: number
      /** @description Whether verifiable credentials are issued. */
      verifiableCredentialsEnabled?: boolean
      /** @description Identity assurance: how requests are validated. */
      verifiedClaimsValidationSchemaSet?: components['schemas']['VerifiedClaimsValidationSchema']
    }
    /** @description What a page shows of the service. Keys and credentials are never part of it. */
    ServiceForInteraction: {
      /**
       * Format: int64
       * @description Lifetime of an access token in seconds.
       */
      accessTokenDuration?: number
      /**
       * Format: int64
       * @description The id of the service: `serviceId` in every path.
       */
      readonly apiKey: number
      /** @description Attributes of the service, delivered with many answers. */
      attributes?: components['schemas']['Pair'][]
      /** @description What the service is, for people. */
      description?: string
      /** @description The issuer identifier, RFC 8414 §2: https (http on loopback), no query, no fragment. */
      issuer?: string
      /**
       * Format: int32
       * @description A sequential number.
       */
      readonly number?: number
      /** @description `op_policy_uri` of the metadata. */
      policyUri?: string
      /**
       * Format: int64
       * @description Lifetime of a refresh token in seconds.
       */
      refreshTokenDuration?: number
      /** @description The name that people see. */
      serviceName?: string
      /** @description Languages of the pages: `ui_locales_supported`. */
      supportedUiLocales?: string[]
      /** @description `op_tos_uri` of the metadata. */
      tosUri?: string
    }
    /** @description A page of services. */
    ServiceList: {
      /** @description Last index, exclusive. */
      end: number
      /** @description The services of this page. */
      services: components['schemas']['Service'][]
      /** @description First index, inclusive. */
      start: number
      /** @description How many there are in all. */
      totalCount: number
    }
    /**
     * @description Families of rules that a service offers.
     * @enum {string}
     */
    ServiceProfile: 'FAPI' | 'OPEN_BANKING'
    /** @description RFC 7662 §2.2. */
    StandardIntrospectionAnswer:
      | components['schemas']['StandardIntrospectionAnswerOk']
      | components['schemas']['StandardIntrospectionAnswerJwt']
      | components['schemas']['StandardIntrospectionAnswerBadRequest']
      | components['schemas']['StandardIntrospectionAnswerInternalServerError']
    /** @description Answer 400 with the JSON in `responseContent`. */
    StandardIntrospectionAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 500 with the JSON in `responseContent`. */
    StandardIntrospectionAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 200 with `application/token-introspection+jwt`, RFC 9701. */
    StandardIntrospectionAnswerJwt: {
      /**
       * @description Always `JWT`.
       * @constant
       */
      action: 'JWT'
      /** @description The signed response, encrypted where that is wanted. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 200 with the JSON in `responseContent`. */
    StandardIntrospectionAnswerOk: {
      /**
       * @description Always `OK`.
       * @constant
       */
      action: 'OK'
      /** @description The introspection response. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description RFC 7662 §2.1. The front-end has authenticated the resource server. */
    StandardIntrospectionQuestion: {
      /** @description The `Accept` header as it came. The answer is a JWT when it names `application/token-introspection+jwt`, RFC 9701 §4, and does not like `application/json` better. */
      httpAcceptHeader?: string
      /** @description `introspection_encrypted_response_alg` of the resource server, RFC 9701 §6, as there or with underscores; not encrypted when left out. */
      introspectionEncryptionAlg?: string
      /** @description `introspection_encrypted_response_enc` of the resource server, RFC 9701 §6; A128CBC-HS256 when left out. */
      introspectionEncryptionEnc?: string
      /** @description `introspection_signed_response_alg` of the resource server, RFC 9701 §6: an algorithm for which the service has a key. When left out, that of the key in `introspectionSignatureKeyId`, else RS256, and ES256 where the service has no key for that. */
      introspectionSignAlg?: string
      /** @description The query or form body as the front-end received it, undecoded, so that the engine sees repeated parameters. */
      parameters: string
      /** @description The public key of the resource server that the answer is encrypted to, a JWK as JSON text. */
      publicKeyForEncryption?: string
      /** @description The resource server that asks. A token for other audiences is not active for it, and of the authorization details it sees those that concern it. It is the `aud` of an answer that is a JWT, and needed there. */
      rsUri?: string
      /** @description Whether the answer shows hidden extra properties as well. */
      withHiddenProperties?: boolean
    }
    /** @description Names the subject. */
    SubjectQuestion: {
      /** @description The subject identifier of the resource owner: 1 to 100 printable ASCII characters. */
      subject: string
    }
    /**
     * @description OIDC Core §8: the same subject for every client, or one per sector.
     * @enum {string}
     */
    SubjectType: 'PUBLIC' | 'PAIRWISE'
    /** @description A text in one language. */
    TaggedValue: {
      /** @description BCP 47 language tag, for example `de`. */
      tag: string
      /** @description The text in that language. */
      value: string
    }
    /** @description What the front-end keeps with a ticket. */
    TicketInfo: {
      /** @description Any text. */
      context?: string
    }
    /** @description Whether the text was read. */
    TicketInfoAnswer:
      | components['schemas']['TicketInfoAnswerOk']
      | components['schemas']['TicketInfoAnswerNotFound']
      | components['schemas']['TicketInfoAnswerCallerError']
      | components['schemas']['TicketInfoAnswerAuthleteError']
    /** @description The engine failed. */
    TicketInfoAnswerAuthleteError: {
      /**
       * @description Always `AUTHLETE_ERROR`.
       * @constant
       */
      action: 'AUTHLETE_ERROR'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The call was wrong. */
    TicketInfoAnswerCallerError: {
      /**
       * @description Always `CALLER_ERROR`.
       * @constant
       */
      action: 'CALLER_ERROR'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description There is no such ticket: unknown, expired or spent. */
    TicketInfoAnswerNotFound: {
      /**
       * @description Always `NOT_FOUND`.
       * @constant
       */
      action: 'NOT_FOUND'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The text was read. */
    TicketInfoAnswerOk: {
      /**
       * @description Always `OK`.
       * @constant
       */
      action: 'OK'
      /** @description What is kept now. */
      info: components['schemas']['TicketInfo']
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Reads what is kept with a ticket. */
    TicketInfoQuestion: {
      /** @description A single-use handle for the rest of this request. It never leaves the server. */
      ticket: string
    }
    /** @description Whether the text was replaced. */
    TicketUpdateAnswer:
      | components['schemas']['TicketUpdateAnswerOk']
      | components['schemas']['TicketUpdateAnswerNotFound']
      | components['schemas']['TicketUpdateAnswerCallerError']
      | components['schemas']['TicketUpdateAnswerAuthleteError']
    /** @description The engine failed. */
    TicketUpdateAnswerAuthleteError: {
      /**
       * @description Always `AUTHLETE_ERROR`.
       * @constant
       */
      action: 'AUTHLETE_ERROR'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The call was wrong. */
    TicketUpdateAnswerCallerError: {
      /**
       * @description Always `CALLER_ERROR`.
       * @constant
       */
      action: 'CALLER_ERROR'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description There is no such ticket: unknown, expired or spent. */
    TicketUpdateAnswerNotFound: {
      /**
       * @description Always `NOT_FOUND`.
       * @constant
       */
      action: 'NOT_FOUND'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The text was replaced. */
    TicketUpdateAnswerOk: {
      /**
       * @description Always `OK`.
       * @constant
       */
      action: 'OK'
      /** @description What is kept now. */
      info: components['schemas']['TicketInfo']
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Replaces what is kept with a ticket. */
    TicketUpdateQuestion: {
      /** @description The new text: an object with `context`, or the text itself. */
      info: components['schemas']['TicketInfo'] | string
      /** @description A single-use handle for the rest of this request. It never leaves the server. */
      ticket: string
    }
    /** @description RFC 6749 §5. */
    TokenAnswer:
      | components['schemas']['TokenAnswerOk']
      | components['schemas']['TokenAnswerBadRequest']
      | components['schemas']['TokenAnswerInvalidClient']
      | components['schemas']['TokenAnswerInternalServerError']
      | components['schemas']['TokenAnswerPassword']
      | components['schemas']['TokenAnswerTokenExchange']
      | components['schemas']['TokenAnswerJwtBearer']
      | components['schemas']['TokenAnswerNativeSso']
      | components['schemas']['TokenAnswerIdTokenReissuable']
    /** @description Answer 400 with the JSON in `responseContent`. */
    TokenAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 200 with `responseContent`, or call idtoken/reissue first and answer with what that says. It follows a refresh where the service has `idTokenReissuable`. */
    TokenAnswerIdTokenReissuable: {
      /** @description The access token. */
      accessToken?: string
      /**
       * Format: int64
       * @description Lifetime of the access token in seconds.
       */
      accessTokenDuration?: number
      /**
       * Format: int64
       * @description When the access token expires, in milliseconds since 1970.
       */
      accessTokenExpiresAt?: number
      /** @description What the access token is good for; absent when it is not limited to certain resources. */
      accessTokenResources?: string[]
      /**
       * @description Always `ID_TOKEN_REISSUABLE`.
       * @constant
       */
      action: 'ID_TOKEN_REISSUABLE'
      /** @description What the access token is good for, RFC 9396 §7. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /** @description Attributes of the client. */
      clientAttributes?: components['schemas']['Pair'][]
      /** @description How the client was authenticated. */
      clientAuthMethod?: components['schemas']['ClientAuthMethod']
      /**
       * Format: int64
       * @description The numeric id of the client.
       */
      clientId?: number
      /** @description The client id that the client was registered with. */
      clientIdAlias?: string
      /** @description Whether the request named the client by its alias. */
      clientIdAliasUsed?: boolean
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description Those of the scopes that are values of a parameterized scope. */
      dynamicScopes?: components['schemas']['DynamicScope'][]
      /** @description The managed grant that the tokens belong to. */
      grantId?: string
      /** @description The grant that was used. */
      grantType?: components['schemas']['GrantType']
      /** @description The ID token, OIDC Core §2. */
      idToken?: string
      /** @description The access token as a JWT, RFC 9068, where the service signs access tokens. Then this is what the client is given. */
      jwtAccessToken?: string
      /** @description True when the request repeats one that was served before, with a refresh token that is spent; the answer is that of then, said again, and an `accessTokenDuration` of now shortens nothing. */
      previousRefreshTokenUsed?: boolean
      /** @description Extra properties of the access token, the hidden ones too. */
      properties?: components['schemas']['Property'][]
      /** @description The refresh token. */
      refreshToken?: string
      /**
       * Format: int64
       * @description Lifetime of the refresh token in seconds.
       */
      refreshTokenDuration?: number
      /**
       * Format: int64
       * @description When the refresh token expires, in milliseconds since 1970.
       */
      refreshTokenExpiresAt?: number
      /** @description The scopes the refresh token can ask for. */
      refreshTokenScopes?: string[]
      /** @description The claims that were asked for in the ID token, as far as they are consented to; their values go into idtoken/reissue. */
      requestedIdTokenClaims?: string[]
      /** @description `resource` of the token request, RFC 8707 §2.2. */
      resources?: string[]
      /** @description The token response without a new ID token. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description Scope tokens. */
      scopes?: string[]
      /** @description Attributes of the service. */
      serviceAttributes?: components['schemas']['Pair'][]
      /** @description The subject of the tokens; absent for client credentials. */
      subject?: string
    }
    /** @description Answer 500 with the JSON in `responseContent`. */
    TokenAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 401 with the JSON in `responseContent`. Add `WWW-Authenticate` when the request used the Authorization header. */
    TokenAnswerInvalidClient: {
      /**
       * @description Always `INVALID_CLIENT`.
       * @constant
       */
      action: 'INVALID_CLIENT'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Validate the assertion and create a token. This engine does not answer so yet. */
    TokenAnswerJwtBearer: {
      /**
       * @description Always `JWT_BEARER`.
       * @constant
       */
      action: 'JWT_BEARER'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Validate the session and call nativesso. This engine does not answer so yet. */
    TokenAnswerNativeSso: {
      /**
       * @description Always `NATIVE_SSO`.
       * @constant
       */
      action: 'NATIVE_SSO'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 200 with the JSON in `responseContent`. */
    TokenAnswerOk: {
      /** @description The access token. */
      accessToken?: string
      /**
       * Format: int64
       * @description Lifetime of the access token in seconds.
       */
      accessTokenDuration?: number
      /**
       * Format: int64
       * @description When the access token expires, in milliseconds since 1970.
       */
      accessTokenExpiresAt?: number
      /** @description What the access token is good for; absent when it is not limited to certain resources. */
      accessTokenResources?: string[]
      /**
       * @description Always `OK`.
       * @constant
       */
      action: 'OK'
      /** @description What the access token is good for, RFC 9396 §7. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /** @description Attributes of the client. */
      clientAttributes?: components['schemas']['Pair'][]
      /** @description How the client was authenticated. */
      clientAuthMethod?: components['schemas']['ClientAuthMethod']
      /**
       * Format: int64
       * @description The numeric id of the client.
       */
      clientId?: number
      /** @description The client id that the client was registered with. */
      clientIdAlias?: string
      /** @description Whether the request named the client by its alias. */
      clientIdAliasUsed?: boolean
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description Those of the scopes that are values of a parameterized scope. */
      dynamicScopes?: components['schemas']['DynamicScope'][]
      /** @description The managed grant that the tokens belong to. */
      grantId?: string
      /** @description The grant that was used. */
      grantType?: components['schemas']['GrantType']
      /** @description The ID token, OIDC Core §2. */
      idToken?: string
      /** @description The access token as a JWT, RFC 9068, where the service signs access tokens. Then this is what the client is given. */
      jwtAccessToken?: string
      /** @description True when the request repeats one that was served before, with a refresh token that is spent; the answer is that of then, said again, and an `accessTokenDuration` of now shortens nothing. */
      previousRefreshTokenUsed?: boolean
      /** @description Extra properties of the access token, the hidden ones too. */
      properties?: components['schemas']['Property'][]
      /** @description The refresh token. */
      refreshToken?: string
      /**
       * Format: int64
       * @description Lifetime of the refresh token in seconds.
       */
      refreshTokenDuration?: number
      /**
       * Format: int64
       * @description When the refresh token expires, in milliseconds since 1970.
       */
      refreshTokenExpiresAt?: number
      /** @description The scopes the refresh token can ask for. */
      refreshTokenScopes?: string[]
      /** @description `resource` of the token request, RFC 8707 §2.2. */
      resources?: string[]
      /** @description The token response, RFC 6749 §5.1. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description Scope tokens. */
      scopes?: string[]
      /** @description Attributes of the service. */
      serviceAttributes?: components['schemas']['Pair'][]
      /** @description The subject of the tokens; absent for client credentials. */
      subject?: string
    }
    /** @description Check `username` and `password`, then call token/issue or token/fail. This engine never answers so: RFC 9700 §2.4 forbids the grant. */
    TokenAnswerPassword: {
      /**
       * @description Always `PASSWORD`.
       * @constant
       */
      action: 'PASSWORD'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description As sent. */
      password?: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description A single-use handle for the rest of this request. It never leaves the server. */
      ticket: string
      /** @description As sent. */
      username?: string
    }
    /** @description Validate the subject token and create a token. This engine does not answer so yet. */
    TokenAnswerTokenExchange: {
      /**
       * @description Always `TOKEN_EXCHANGE`.
       * @constant
       */
      action: 'TOKEN_EXCHANGE'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description A batch of tokens. */
    TokenBatchStatus: {
      /**
       * @description Always `CREATE`.
       * @constant
       */
      batchKind: 'CREATE'
      /**
       * Format: int64
       * @description When it was taken, in milliseconds since 1970.
       */
      createdAt: number
      /** @description Why it failed, `A` and six digits. */
      errorCode?: string
      /** @description The same as a sentence. */
      errorDescription?: string
      /**
       * Format: int64
       * @description When that was decided, in milliseconds since 1970.
       */
      modifiedAt: number
      /** @description The batch. */
      requestId: string
      /**
       * @description Absent as long as nothing is decided. A batch that failed has created nothing.
       * @enum {string}
       */
      result?: 'SUCCEEDED' | 'FAILED'
      /**
       * Format: int32
       * @description The access tokens it created; of a dry run, those it would have created; 0 as long as nothing is decided, and when it failed.
       */
      tokenCount: number
    }
    /** @description The tokens, or why there are none. */
    TokenCreateAnswer:
      | components['schemas']['TokenCreateAnswerOk']
      | components['schemas']['TokenCreateAnswerBadRequest']
      | components['schemas']['TokenCreateAnswerForbidden']
      | components['schemas']['TokenCreateAnswerInternalServerError']
    /** @description The question is wrong; `resultMessage` says how. */
    TokenCreateAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The client is locked. */
    TokenCreateAnswerForbidden: {
      /**
       * @description Always `FORBIDDEN`.
       * @constant
       */
      action: 'FORBIDDEN'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The engine failed. */
    TokenCreateAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The tokens. */
    TokenCreateAnswerOk: {
      /** @description The access token. */
      accessToken: string
      /**
       * @description Always `OK`.
       * @constant
       */
      action: 'OK'
      /** @description What the tokens are good for. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /**
       * Format: int64
       * @description The numeric id of the client.
       */
      clientId?: number
      /** @description The client id that the client was registered with. */
      clientIdentifier?: string
      /**
       * Format: int64
       * @description When the access token expires, in milliseconds since 1970; absent when it is persistent.
       */
      expiresAt?: number
      /**
       * Format: int64
       * @description Lifetime of the access token in seconds; absent when it is persistent.
       */
      expiresIn?: number
      /** @description As it was given. */
      forExternalAttachment?: boolean
      /** @description As asked for. */
      grantType?: components['schemas']['GrantType']
      /** @description The access token as a JWT, RFC 9068, where the service signs access tokens. Then this is what the client is given. */
      jwtAccessToken?: string
      /** @description Extra properties. */
      properties?: components['schemas']['Property'][]
      /** @description The refresh token, where the client may use one. */
      refreshToken?: string
      /** @description The scopes the refresh token can ask for. */
      refreshTokenScopes?: string[]
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description Scope tokens. */
      scopes?: string[]
      /** @description As it was given. */
      sessionId?: string
      /** @description The subject. */
      subject?: string
      /** @description Names the access token and opens nothing; the `jti` of one that is a JWT. */
      tokenId: string
      /** @description `Bearer` or `DPoP`. */
      tokenType?: string
    }
    /** @description The batch was taken. */
    TokenCreateBatchAnswer: {
      /** @description What to ask its status with. */
      requestId: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The tokens. Each must bring its values, because no answer shows them: `accessToken`, and `refreshToken` where one belongs to the grant. */
    TokenCreateBatchQuestion: components['schemas']['TokenCreateQuestion'][]
    /** @description Where a batch stands. */
    TokenCreateBatchStatusAnswer: {
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      status: components['schemas']['TokenBatchStatus']
    }
    /** @description Whose tokens, and what they are good for. */
    TokenCreateQuestion: {
      /** @description The value of the access token, for tokens that another server gave; without it the engine makes one. RFC 6750 §2.1, and at least 22 characters. It must be new. */
      accessToken?: string
      /**
       * Format: int64
       * @description Seconds. The access token lives no longer; 0 says nothing. The shortest candidate wins.
       */
      accessTokenDuration?: number
      /** @description The access token ends when it is revoked or deleted, and not before; `accessTokenDuration` does not count. Refused where access tokens are JWTs, which must expire, RFC 9068 §2.2, and where `tokenExpirationLinked` is to end it with a refresh token. */
      accessTokenPersistent?: boolean
      /** @description The authentication context class, OIDC Core §2. */
      acr?: string
      /** @description What the tokens are good for, RFC 9396. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /**
       * Format: int64
       * @description When the person was authenticated, in seconds since 1970.
       */
      authTime?: number
      /** @description base64url of the SHA-256 of the certificate that the access token is bound to, RFC 8705 §3.1. */
      certificateThumbprint?: string
      /** @description This engine refuses it. */
      clientEntityIdUsed?: boolean
      /**
       * Format: int64
       * @description The numeric id of the client. It or `clientIdentifier` is needed; where both are there, they name one client.
       */
      clientId?: number
      /** @description Whether the client is named by its alias to resource servers. */
      clientIdAliasUsed?: boolean
      /** @description The numeric id or the alias of the client. */
      clientIdentifier?: string
      /** @description The key that the access token is bound to, RFC 9449 §6.1. */
      dpopKeyThumbprint?: string
      /** @description Whether the access token opens an external attachment, OpenID Connect for Identity Assurance 1.0. It is kept with the token, and introspection says it. */
      forExternalAttachment?: boolean
      /** @description The grant that they are said to come of; not `REFRESH_TOKEN`. */
      grantType: components['schemas']['GrantType']
      /** @description A JSON object of at most 8192 bytes. Its members are claims of the access token where that is a JWT, and of those that refreshes bring. None may have the name of a claim that the engine sets; where a property has the same name, the JWT has the claim. */
      jwtAtClaims?: string
      /** @description This engine refuses it. */
      metadataDocumentUsed?: boolean
      /** @description Extra properties. */
      properties?: components['schemas']['Property'][]
      /** @description The value of the refresh token, the same. Refused where no refresh token belongs to the grant. */
      refreshToken?: string
      /**
       * Format: int64
       * @description Seconds. The refresh token lives no longer; 0 says nothing.
       */
      refreshTokenDuration?: number
      /** @description What the tokens are limited to, RFC 8707. */
      resources?: string[]
      /** @description All of them must be scopes of the service that the client may request. With `CLIENT_CREDENTIALS`, none is about a person (`openid`, `profile`, `email`, `address`, `phone`, `offline_access`). */
      scopes?: string[]
      /** @description The session that the tokens belong to. It is kept with them, and answered here; no other operation tells it. */
      sessionId?: string
      /** @description The subject; needed but for `CLIENT_CREDENTIALS`, which has none. Not the id or the alias of a client. */
      subject?: string
    }
    /** @description RFC 6749 §5.2. */
    TokenFailAnswer:
      components['schemas']['TokenFailAnswerBadRequest'] | components['schemas']['TokenFailAnswerInternalServerError']
    /** @description Answer 400 with the JSON in `responseContent`. */
    TokenFailAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 500 with the JSON in `responseContent`. */
    TokenFailAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The password was wrong. */
    TokenFailQuestion: {
      /**
       * @description Why; it decides the OAuth error.
       * @enum {string}
       */
      reason:
        | 'UNKNOWN'
        | 'INVALID_RESOURCE_OWNER_CREDENTIALS'
        | 'INVALID_TARGET'
        | 'INVALID_CLIENT'
        | 'UNAUTHORIZED_CLIENT'
        | 'INVALID_SCOPE'
      /** @description A single-use handle for the rest of this request. It never leaves the server. */
      ticket: string
    }
    /** @description RFC 6749 §4.3.3. */
    TokenIssueAnswer:
      components['schemas']['TokenIssueAnswerOk'] | components['schemas']['TokenIssueAnswerInternalServerError']
    /** @description Answer 500 with the JSON in `responseContent`. */
    TokenIssueAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description The OAuth error as JSON: `error`, `error_description`, `error_uri`. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 200 with the JSON in `responseContent`. */
    TokenIssueAnswerOk: {
      /** @description The access token. */
      accessToken?: string
      /**
       * Format: int64
       * @description Lifetime of the access token in seconds.
       */
      accessTokenDuration?: number
      /**
       * Format: int64
       * @description When the access token expires, in milliseconds since 1970.
       */
      accessTokenExpiresAt?: number
      /** @description What the access token is good for; absent when it is not limited to certain resources. */
      accessTokenResources?: string[]
      /**
       * @description Always `OK`.
       * @constant
       */
      action: 'OK'
      /** @description What the access token is good for, RFC 9396 §7. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /** @description Attributes of the client. */
      clientAttributes?: components['schemas']['Pair'][]
      /** @description How the client was authenticated. */
      clientAuthMethod?: components['schemas']['ClientAuthMethod']
      /**
       * Format: int64
       * @description The numeric id of the client.
       */
      clientId?: number
      /** @description The client id that the client was registered with. */
      clientIdAlias?: string
      /** @description Whether the request named the client by its alias. */
      clientIdAliasUsed?: boolean
      /** @description Those of the scopes that are values of a parameterized scope. */
      dynamicScopes?: components['schemas']['DynamicScope'][]
      /** @description The managed grant that the tokens belong to. */
      grantId?: string
      /** @description The grant that was used. */
      grantType?: components['schemas']['GrantType']
      /** @description The ID token, OIDC Core §2. */
      idToken?: string
      /** @description The access token as a JWT, RFC 9068, where the service signs access tokens. Then this is what the client is given. */
      jwtAccessToken?: string
      /** @description True when the request repeats one that was served before, with a refresh token that is spent; the answer is that of then, said again, and an `accessTokenDuration` of now shortens nothing. */
      previousRefreshTokenUsed?: boolean
      /** @description The refresh token. */
      refreshToken?: string
      /**
       * Format: int64
       * @description Lifetime of the refresh token in seconds.
       */
      refreshTokenDuration?: number
      /**
       * Format: int64
       * @description When the refresh token expires, in milliseconds since 1970.
       */
      refreshTokenExpiresAt?: number
      /** @description The scopes the refresh token can ask for. */
      refreshTokenScopes?: string[]
      /** @description `resource` of the token request, RFC 8707 §2.2. */
      resources?: string[]
      /** @description The token response. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description Scope tokens. */
      scopes?: string[]
      /** @description Attributes of the service. */
      serviceAttributes?: components['schemas']['Pair'][]
      /** @description The subject of the tokens; absent for client credentials. */
      subject?: string
    }
    /** @description The password was right: issue tokens for a ticket of the password grant. */
    TokenIssueQuestion: {
      /** @description The subject identifier of the resource owner: 1 to 100 printable ASCII characters. */
      subject: string
      /** @description A single-use handle for the rest of this request. It never leaves the server. */
      ticket: string
    }
    /** @description RFC 6749 §3.2: a token request. */
    TokenQuestion: {
      /** @description The value of the access token, if the engine is not to make one. RFC 6750 §2.1, and at least 22 characters. It must be new, and does not go with a refresh that can be repeated (`refreshTokenIdempotent`). */
      accessToken?: string
      /**
       * Format: int64
       * @description Seconds. The access token of this request lives no longer; 0 says nothing.
       */
      accessTokenDuration?: number
      /** @description The certificate that the client presented in its TLS connection, as PEM. RFC 8705 §2 and §3. */
      clientCertificate?: string
      /** @description The certificates that the client presented with it, as PEM, the issuer of each after it, without the certificate itself. */
      clientCertificatePath?: string[]
      /** @description The client id from the `Authorization: Basic` header, decoded. */
      clientId?: string
      /** @description The client secret from the `Authorization: Basic` header, decoded. */
      clientSecret?: string
      /** @description The `DPoP` header as it came, RFC 9449 §4.1. More than one are joined with commas, and refused. */
      dpop?: string
      /** @description Whether the proof needs a nonce of the server, even if the service does not ask for one. */
      dpopNonceRequired?: boolean
      /** @description The method of the request; POST when it is left out. */
      htm?: string
      /** @description The address of the request without its query; `tokenEndpoint` of the service when it is left out. */
      htu?: string
      /** @description A JSON object: claims of the access token, where that is a JWT, RFC 9068. For `client_credentials` only; a person decides about the others when they are issued. */
      jwtAtClaims?: string
      /** @description The query or form body as the front-end received it, undecoded, so that the engine sees repeated parameters. */
      parameters: string
      /** @description Extra properties that are added to those of the authorization, for the tokens that this request makes. */
      properties?: components['schemas']['Property'][]
      /**
       * Format: int64
       * @description Seconds. The refresh token of the answer lives no longer, even one that is kept; 0 says nothing.
       */
      refreshTokenDuration?: number
    }
    /** @description What ended. */
    TokenRevokeAnswer: {
      /** @description How many access tokens that were good until then. */
      count: number
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Whose tokens end. */
    TokenRevokeQuestion: {
      /** @description An access token, or its hash as lists show it. Its refresh token ends as well. */
      accessTokenIdentifier?: string
      /** @description All tokens of this client: numeric id or alias. With `subject`, those of both. */
      clientIdentifier?: string
      /** @description A refresh token, or its hash. Its access token ends as well. */
      refreshTokenIdentifier?: string
      /** @description All tokens of this subject. */
      subject?: string
    }
    /** @description The token, or why it is as it was. */
    TokenUpdateAnswer:
      | components['schemas']['TokenUpdateAnswerOk']
      | components['schemas']['TokenUpdateAnswerBadRequest']
      | components['schemas']['TokenUpdateAnswerForbidden']
      | components['schemas']['TokenUpdateAnswerNotFound']
      | components['schemas']['TokenUpdateAnswerInternalServerError']
    /** @description The question is wrong; `resultMessage` says how. */
    TokenUpdateAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The caller may not do that. */
    TokenUpdateAnswerForbidden: {
      /**
       * @description Always `FORBIDDEN`.
       * @constant
       */
      action: 'FORBIDDEN'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The engine failed. */
    TokenUpdateAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description There is no such access token, or it has ended. */
    TokenUpdateAnswerNotFound: {
      /**
       * @description Always `NOT_FOUND`.
       * @constant
       */
      action: 'NOT_FOUND'
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description The access token as it is now. */
    TokenUpdateAnswerOk: {
      /** @description The access token; the new value, if it got one, which is a JWT where the service signs access tokens. Absent when only its hash was known. */
      accessToken?: string
      /**
       * Format: int64
       * @description Milliseconds since 1970; absent when it is persistent.
       */
      accessTokenExpiresAt?: number
      /**
       * @description Always `OK`.
       * @constant
       */
      action: 'OK'
      /** @description What it is good for. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /** @description Whether it opens an external attachment. */
      forExternalAttachment?: boolean
      /** @description Extra properties. */
      properties?: components['schemas']['Property'][]
      /**
       * Format: int64
       * @description Milliseconds since 1970; absent without a refresh token.
       */
      refreshTokenExpiresAt?: number
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description Scope tokens. */
      scopes?: string[]
      /** @description Names the access token and opens nothing; another one when it got a new value. */
      tokenId?: string
      /** @description `Bearer` or `DPoP`. */
      tokenType?: string
    }
    /** @description Which access token, and what becomes of it: what is left out stays. Of `accessToken`, `accessTokenHash`, `tokenId`, `refreshToken` and `refreshTokenHash` the first that is there says which. */
    TokenUpdateQuestion: {
      /** @description The access token. */
      accessToken?: string
      /**
       * Format: int64
       * @description Milliseconds since 1970, of which the whole seconds count; 0 says nothing. It is moved no further than the subject allowed, and of a JWT no further than the keys of the service are kept (the attribute `keys.keep`), counted from when it was signed; the answer says the end that there is.
       */
      accessTokenExpiresAt?: number
      /** @description Whether the access token begins a new life with new scopes. */
      accessTokenExpiresAtUpdatedOnScopeUpdate?: boolean
      /** @description base64url of the SHA-256 of the access token, as lists show it. */
      accessTokenHash?: string
      /** @description If true, the access token ends when it is revoked or deleted, and not before; `accessTokenExpiresAt` does not count, but an end that the subject set does. Refused where access tokens are JWTs, RFC 9068 §2.2, and where `tokenExpirationLinked` is to end it with a refresh token. False says nothing. */
      accessTokenPersistent?: boolean
      /** @description Whether the access token gets a new value; the old one ends. */
      accessTokenValueUpdated?: boolean
      /** @description What the access token is good for from now on. Once the subject took back some of the details of the grant, those that it left are kept, and no others. The next refresh brings the details of the grant again, less what the subject took back. */
      authorizationDetails?: components['schemas']['AuthorizationDetails']
      /** @description base64url of the SHA-256 of the certificate that the access token is bound to from now on, RFC 8705 §3.1. Refreshes take a certificate from now on, of a public client this one. */
      certificateThumbprint?: string
      /** @description The key that the access token is bound to from now on, RFC 9449 §6.1. Refreshes take a proof from now on, of a public client one of this key. */
      dpopKeyThumbprint?: string
      /** @description Whether the access token opens an external attachment, OpenID Connect for Identity Assurance 1.0. */
      forExternalAttachment?: boolean
      /** @description The new extra properties, of the refresh token as well. */
      properties?: components['schemas']['Property'][]
      /** @description The refresh token that goes with the access token. */
      refreshToken?: string
      /**
       * Format: int64
       * @description Milliseconds since 1970, of which the whole seconds count; 0 says nothing. A refresh token that has expired stays so. With `tokenExpirationLinked`, the access token ends with it at the latest, whichever of the two is moved.
       */
      refreshTokenExpiresAt?: number
      /** @description The same for the refresh token. */
      refreshTokenExpiresAtUpdatedOnScopeUpdate?: boolean
      /** @description base64url of the SHA-256 of that refresh token, as lists show it. */
      refreshTokenHash?: string
      /** @description The new scopes. Those that the service does not have, that the client may not request, or that the subject took back, are left out, and without a subject those about a person. The next refresh brings the scopes of the grant again, less what the subject took back. */
      scopes?: string[]
      /** @description The access token by its name, as `token/create` and this operation answer it. */
      tokenId?: string
    }
    /**
     * @description RFC 8628 §6.1: the letters of a user code.
     * @enum {string}
     */
    UserCodeCharset: 'BASE20' | 'NUMERIC'
    /** @description Which claims to collect. */
    UserinfoAnswer:
      | components['schemas']['UserinfoAnswerOk']
      | components['schemas']['UserinfoAnswerBadRequest']
      | components['schemas']['UserinfoAnswerUnauthorized']
      | components['schemas']['UserinfoAnswerForbidden']
      | components['schemas']['UserinfoAnswerInternalServerError']
    /** @description Answer 400 with `WWW-Authenticate: <responseContent>`. */
    UserinfoAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The challenge, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 403 with `WWW-Authenticate: <responseContent>`. */
    UserinfoAnswerForbidden: {
      /**
       * @description Always `FORBIDDEN`.
       * @constant
       */
      action: 'FORBIDDEN'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The challenge, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 500 with `WWW-Authenticate: <responseContent>`. */
    UserinfoAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The challenge, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Collect the claims and call userinfo/issue. */
    UserinfoAnswerOk: {
      /**
       * @description Always `OK`.
       * @constant
       */
      action: 'OK'
      /** @description Names of the claims that may be released. */
      claims?: string[]
      /** @description Attributes of the client. */
      clientAttributes?: components['schemas']['Pair'][]
      /**
       * Format: int64
       * @description The numeric id of the client.
       */
      clientId?: number
      /** @description The client id that the client was registered with. */
      clientIdAlias?: string
      /** @description Whether the request named the client by its alias. */
      clientIdAliasUsed?: boolean
      /** @description The claims the person agreed to release. Left out, they follow from the granted scopes and the `claims` parameter. */
      consentedClaims?: string[]
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description Those of the scopes that are values of a parameterized scope. */
      dynamicScopes?: components['schemas']['DynamicScope'][]
      /** @description Extra properties of the token, the hidden ones too. */
      properties?: components['schemas']['Property'][]
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
      /** @description Scope tokens. */
      scopes?: string[]
      /** @description Attributes of the service. */
      serviceAttributes?: components['schemas']['Pair'][]
      /** @description Whose claims. */
      subject: string
      /** @description The token, for userinfo/issue. */
      token: string
      /** @description The `userinfo` member of the `claims` parameter, as JSON. */
      userInfoClaims?: string
    }
    /** @description Answer 401 with `WWW-Authenticate: <responseContent>`. */
    UserinfoAnswerUnauthorized: {
      /**
       * @description Always `UNAUTHORIZED`.
       * @constant
       */
      action: 'UNAUTHORIZED'
      /** @description Relay it as the `DPoP-Nonce` header, RFC 9449 §8.2: the nonce for the next proof. Present when nonces are needed. */
      dpopNonce?: string
      /** @description The challenge, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description OIDC Core §5.3.2. */
    UserinfoIssueAnswer:
      | components['schemas']['UserinfoIssueAnswerJson']
      | components['schemas']['UserinfoIssueAnswerJwt']
      | components['schemas']['UserinfoIssueAnswerBadRequest']
      | components['schemas']['UserinfoIssueAnswerUnauthorized']
      | components['schemas']['UserinfoIssueAnswerForbidden']
      | components['schemas']['UserinfoIssueAnswerInternalServerError']
    /** @description Answer 400 with `WWW-Authenticate: <responseContent>`. */
    UserinfoIssueAnswerBadRequest: {
      /**
       * @description Always `BAD_REQUEST`.
       * @constant
       */
      action: 'BAD_REQUEST'
      /** @description The challenge, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 403 with `WWW-Authenticate: <responseContent>`. */
    UserinfoIssueAnswerForbidden: {
      /**
       * @description Always `FORBIDDEN`.
       * @constant
       */
      action: 'FORBIDDEN'
      /** @description The challenge, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 500 with `WWW-Authenticate: <responseContent>`. */
    UserinfoIssueAnswerInternalServerError: {
      /**
       * @description Always `INTERNAL_SERVER_ERROR`.
       * @constant
       */
      action: 'INTERNAL_SERVER_ERROR'
      /** @description The challenge, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 200 with the JSON in `responseContent`. */
    UserinfoIssueAnswerJson: {
      /**
       * @description Always `JSON`.
       * @constant
       */
      action: 'JSON'
      /** @description The claims. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 200 with `application/jwt`. */
    UserinfoIssueAnswerJwt: {
      /**
       * @description Always `JWT`.
       * @constant
       */
      action: 'JWT'
      /** @description The claims, signed, encrypted, or signed and then encrypted. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description Answer 401 with `WWW-Authenticate: <responseContent>`. */
    UserinfoIssueAnswerUnauthorized: {
      /**
       * @description Always `UNAUTHORIZED`.
       * @constant
       */
      action: 'UNAUTHORIZED'
      /** @description The challenge, RFC 6750 §3. */
      responseContent: string
      /** @description `A` and six digits. */
      resultCode: string
      /** @description `[code] text` for the log of the front-end. */
      resultMessage: string
    }
    /** @description OIDC Core §5.3.2: the claims that were collected. */
    UserinfoIssueQuestion: {
      /** @description A JSON object with the claims to put in. */
      claims?: string
      /** @description This engine refuses it. */
      headers?: components['schemas']['Pair'][]
      /** @description This engine refuses it. */
      requestSignature?: string
      /** @description The `sub` of the ID token of this authorization, OIDC Core §5.3.2; another is refused. Left out, it is that one. */
      sub?: string
      /** @description The token as it was presented. */
      token: string
    }
    /** @description OIDC Core §5.3.1: may this token ask for claims, and for which? */
    UserinfoQuestion: {
      /** @description The certificate that the client presented in its TLS connection, as PEM. RFC 8705 §2 and §3. */
      clientCertificate?: string
      /** @description The `DPoP` header as it came, RFC 9449 §4.1. More than one are joined with commas, and refused. */
      dpop?: string
      /** @description Whether the proof needs a nonce of the server, even if the service does not ask for one. */
      dpopNonceRequired?: boolean
      /** @description This engine refuses it. */
      headers?: components['schemas']['Pair'][]
      /** @description The method of the request; GET when it is left out. */
      htm?: string
      /** @description The address of the request without its query; `userInfoEndpoint` of the service when it is left out. */
      htu?: string
      /** @description This engine refuses it. */
      message?: string
      /** @description This engine refuses it. */
      requestBodyContained?: boolean
      /** @description This engine refuses it. */
      requiredComponents?: string[]
      /** @description This engine refuses it. */
      targetUri?: string
      /** @description The token as it was presented. Without one, or with an empty one, the answer is `BAD_REQUEST`. */
      token?: string
      /** @description This engine refuses it. */
      uri?: string
    }
    /**
     * @description The schema that requests for verified claims are held against.
     * @enum {string}
     */
    VerifiedClaimsValidationSchema: 'standard' | 'standard+id_document'
  }
  responses: {
    /** @description The body or a parameter is not as this document says. */
    BadCall: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/json': components['schemas']['Result']
      }
    }
    /** @description The engine failed; its log says why. */
    EngineFault: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/json': components['schemas']['Result']
      }
    }
    /** @description The token lacks the right, or belongs to another service. */
    NotAllowed: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/json': components['schemas']['Result']
      }
    }
    /** @description The API access token is missing or wrong. */
    NotAuthenticated: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/json': components['schemas']['Result']
      }
    }
    /** @description There is no such service, client or subject. */
    NotFound: {
      headers: {
        [name: string]: unknown
      }
      content: {
        'application/json': components['schemas']['Result']
      }
    }
    /** @description The storage does not answer at this moment, or the client is locked and unlocked too often to say which. What was asked was done whole or not at all; ask again. */
    StorageOutage: {
      headers: {
        /** @description RFC 9110 §10.2.3: seconds after which it is worth another try. */
        'Retry-After'?: number
        [name: string]: unknown
      }
      content: {
        'application/json': components['schemas']['Result']
      }
    }
  }
  parameters: {
    /** @description The numeric id of the client, or its alias. */
    clientId: string
    /** @description The numeric id of the client, or its alias. */
    clientIdentifier: string
    /** @description The numeric id of the service. */
    serviceId: string
    /** @description The subject identifier. */
    subject: string
  }
  requestBodies: never
  headers: never
  pathItems: never
}
export type $defs = Record<string, never>
export interface operations {
  auth_authorization_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['AuthorizationQuestion']
        'application/x-www-form-urlencoded': components['schemas']['AuthorizationQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AuthorizationAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_authorization_fail_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['AuthorizationFailQuestion']
        'application/x-www-form-urlencoded': components['schemas']['AuthorizationFailQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AuthorizationFailAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_authorization_issue_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['AuthorizationIssueQuestion']
        'application/x-www-form-urlencoded': components['schemas']['AuthorizationIssueQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AuthorizationIssueAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_authorization_ticket_info_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TicketInfoQuestion']
        'application/x-www-form-urlencoded': components['schemas']['TicketInfoQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TicketInfoAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_authorization_ticket_update_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TicketUpdateQuestion']
        'application/x-www-form-urlencoded': components['schemas']['TicketUpdateQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TicketUpdateAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_introspection_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['IntrospectionQuestion']
        'application/x-www-form-urlencoded': components['schemas']['IntrospectionQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['IntrospectionAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_introspection_standard_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['StandardIntrospectionQuestion']
        'application/x-www-form-urlencoded': components['schemas']['StandardIntrospectionQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['StandardIntrospectionAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_revocation_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['RevocationQuestion']
        'application/x-www-form-urlencoded': components['schemas']['RevocationQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RevocationAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_token_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TokenQuestion']
        'application/x-www-form-urlencoded': components['schemas']['TokenQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_token_create_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TokenCreateQuestion']
        'application/x-www-form-urlencoded': components['schemas']['TokenCreateQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenCreateAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_token_create_batch_api: {
    parameters: {
      query?: {
        /** @description If true, everything happens but that tokens are kept. */
        dryRun?: boolean
      }
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TokenCreateBatchQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenCreateBatchAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_token_create_batch_status_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description What `auth/token/create/batch` answered. */
        requestId: string
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenCreateBatchStatusAnswer']
        }
      }
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_token_delete_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The access token, or its hash as lists show it. */
        accessTokenIdentifier: string
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description It has ended. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_token_fail_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TokenFailQuestion']
        'application/x-www-form-urlencoded': components['schemas']['TokenFailQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenFailAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_token_get_list_api: {
    parameters: {
      query?: {
        /** @description `next` of an earlier page: the list begins behind it. Tokens that come and go meanwhile move nothing: one that lives unchanged is shown once. A refresh, or an update with a new value, makes a new token, which stands at the front: an authorization that is refreshed between two pages may be on none. An addition of this engine. */
        before?: string
        /** @description Only tokens of this client: numeric id or alias. */
        clientIdentifier?: string
        /** @description Last index, exclusive. */
        end?: number
        /** @description First index, inclusive. The latest token, or the first one behind `before`, has the index 0; each new token moves the others by one. */
        start?: number
        /** @description Only tokens of this subject. */
        subject?: string
        /** @description Only tokens that may be used now (VALID), only those that expired, were revoked or replaced (INVALID), or both (ALL). What is over is shown as long as it is kept, which is not long after it expired; what token/update gave a new value leaves nothing behind. */
        tokenStatus?: 'VALID' | 'INVALID' | 'ALL'
      }
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AccessTokenList']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_token_issue_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TokenIssueQuestion']
        'application/x-www-form-urlencoded': components['schemas']['TokenIssueQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenIssueAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_token_revoke_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TokenRevokeQuestion']
        'application/x-www-form-urlencoded': components['schemas']['TokenRevokeQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenRevokeAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_token_update_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TokenUpdateQuestion']
        'application/x-www-form-urlencoded': components['schemas']['TokenUpdateQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TokenUpdateAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_userinfo_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['UserinfoQuestion']
        'application/x-www-form-urlencoded': components['schemas']['UserinfoQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['UserinfoAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  auth_userinfo_issue_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['UserinfoIssueQuestion']
        'application/x-www-form-urlencoded': components['schemas']['UserinfoIssueQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['UserinfoIssueAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_authorization_delete_api_post: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['SubjectQuestion']
        'application/x-www-form-urlencoded': components['schemas']['SubjectQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['GrantedScopes']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_authorization_delete_api: {
    parameters: {
      query: {
        /** @description The subject. */
        subject: string
      }
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['GrantedScopes']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_authorization_delete_by_subject_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
        /** @description The subject identifier. */
        subject: components['parameters']['subject']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['GrantedScopes']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_authorization_get_list_api: {
    parameters: {
      query: {
        /** @description Only clients of this developer. */
        developer?: string
        /** @description Last index, exclusive. */
        end?: number
        /** @description First index, inclusive. */
        start?: number
        /** @description The subject. */
        subject: string
      }
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AuthorizedClientList']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_authorization_get_list_api_post: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['AuthorizedClientListQuestion']
        'application/x-www-form-urlencoded': components['schemas']['AuthorizedClientListQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AuthorizedClientList']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_authorization_get_list_by_subject_api: {
    parameters: {
      query?: {
        /** @description Only clients of this developer. */
        developer?: string
        /** @description Last index, exclusive. */
        end?: number
        /** @description First index, inclusive. */
        start?: number
      }
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
        /** @description The subject identifier. */
        subject: components['parameters']['subject']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AuthorizedClientList']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_authorization_update_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['ClientAuthorizationUpdateQuestion']
        'application/x-www-form-urlencoded': components['schemas']['ClientAuthorizationUpdateQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Result']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_create_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Client']
        'application/x-www-form-urlencoded': components['schemas']['Client']
      }
    }
    responses: {
      /** @description The client as it is kept, with its secret. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Client']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_delete_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Deleted. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_extension_requestables_scopes_delete_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_extension_requestables_scopes_get_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RequestableScopes']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_extension_requestables_scopes_update_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['RequestableScopes']
        'application/x-www-form-urlencoded': components['schemas']['RequestableScopes']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RequestableScopes']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_extension_requestables_scopes_update_api_post: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['RequestableScopes']
        'application/x-www-form-urlencoded': components['schemas']['RequestableScopes']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RequestableScopes']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_get_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Client']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_get_list_api: {
    parameters: {
      query?: {
        /** @description Only clients of this developer. */
        developer?: string
        /** @description Last index, exclusive. */
        end?: number
        /** @description First index, inclusive. */
        start?: number
      }
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ClientList']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_granted_scopes_delete_api_post: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['SubjectQuestion']
        'application/x-www-form-urlencoded': components['schemas']['SubjectQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['GrantedScopes']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_granted_scopes_delete_api: {
    parameters: {
      query: {
        /** @description The subject. */
        subject: string
      }
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['GrantedScopes']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_granted_scopes_delete_by_subject_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
        /** @description The subject identifier. */
        subject: components['parameters']['subject']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['GrantedScopes']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_granted_scopes_get_api: {
    parameters: {
      query: {
        /** @description The subject. */
        subject: string
      }
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['GrantedScopes']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_granted_scopes_get_api_post: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['SubjectQuestion']
        'application/x-www-form-urlencoded': components['schemas']['SubjectQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['GrantedScopes']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_granted_scopes_get_by_subject_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
        /** @description The subject identifier. */
        subject: components['parameters']['subject']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['GrantedScopes']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_flag_update_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientIdentifier: components['parameters']['clientIdentifier']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['ClientLockQuestion']
        'application/x-www-form-urlencoded': components['schemas']['ClientLockQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Result']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_secret_refresh_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientIdentifier: components['parameters']['clientIdentifier']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ClientSecretAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_secret_update_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientIdentifier: components['parameters']['clientIdentifier']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['ClientSecretQuestion']
        'application/x-www-form-urlencoded': components['schemas']['ClientSecretQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ClientSecretAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  client_update_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the client, or its alias. */
        clientId: components['parameters']['clientId']
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Client']
        'application/x-www-form-urlencoded': components['schemas']['Client']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Client']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  grant_m_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['GrantManagementQuestion']
        'application/x-www-form-urlencoded': components['schemas']['GrantManagementQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['GrantManagementAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  idtoken_reissue_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['IdTokenReissueQuestion']
        'application/x-www-form-urlencoded': components['schemas']['IdTokenReissueQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['IdTokenReissueAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  pushed_auth_req_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['PushedAuthorizationQuestion']
        'application/x-www-form-urlencoded': components['schemas']['PushedAuthorizationQuestion']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['PushedAuthorizationAnswer']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  service_configuration_api: {
    parameters: {
      query?: {
        /** @description Indent the JSON. */
        pretty?: boolean
      }
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The metadata. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Configuration']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  service_delete_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Deleted. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  service_get_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Service']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  service_jwks_get_api: {
    parameters: {
      query?: {
        /** @description Include private parameters; needs MODIFY_SERVICE. */
        includePrivateKeys?: boolean
        /** @description Indent the JSON. */
        pretty?: boolean
      }
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The keys. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['JwkSet']
        }
      }
      /** @description The service has no keys. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  service_update_api: {
    parameters: {
      query?: never
      header?: never
      path: {
        /** @description The numeric id of the service. */
        serviceId: components['parameters']['serviceId']
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Service']
        'application/x-www-form-urlencoded': components['schemas']['Service']
      }
    }
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Service']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      404: components['responses']['NotFound']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  info_api: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Info']
        }
      }
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  lifecycle_healthcheck_api: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The engine works. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/plain': string
        }
      }
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  service_create_api: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Service']
        'application/x-www-form-urlencoded': components['schemas']['Service']
      }
    }
    responses: {
      /** @description The service as it is kept. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Service']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
  service_get_list_api: {
    parameters: {
      query?: {
        /** @description Last index, exclusive. */
        end?: number
        /** @description First index, inclusive. */
        start?: number
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description The answer. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ServiceList']
        }
      }
      400: components['responses']['BadCall']
      401: components['responses']['NotAuthenticated']
      403: components['responses']['NotAllowed']
      500: components['responses']['EngineFault']
      503: components['responses']['StorageOutage']
    }
  }
}
